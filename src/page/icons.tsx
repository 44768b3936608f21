import type { ComponentChildren } from 'preact';

export function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 18 18" aria-hidden="true">
      {children}
    </svg>
  );
}

export const LogoIcon = () => (
  <svg class="logo" viewBox="0 0 22 22" aria-hidden="true">
    <rect width="22" height="22" rx="5" />
    <path d="M3.5 11.5h3l2-5 3.5 9 2.5-6 1 2h3" />
  </svg>
);
export const HelpIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="7" />
    <path d="M6.9 7.2a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.3M9 12.6v.1" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M14.8 10.6A6.2 6.2 0 0 1 7.4 3.2a6.2 6.2 0 1 0 7.4 7.4z" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="3" />
    <path d="M9 1.7v1.6M9 14.7v1.6M1.7 9h1.6M14.7 9h1.6" />
    <path d="M3.8 3.8 5 5M13 13l1.2 1.2M3.8 14.2 5 13M13 5l1.2-1.2" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.2" />
    <path d="m12 12 4 4" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m4.2 4.2 9.6 9.6M13.8 4.2l-9.6 9.6" />
  </Icon>
);
export const MenuIcon = () => (
  <Icon>
    <path d="M2.5 4.5h13M2.5 9h13M2.5 13.5h13" />
  </Icon>
);
export const ChevronIcon = () => (
  <svg class="icon icon-small" viewBox="0 0 10 10" aria-hidden="true">
    <path d="m2.2 3.8 2.8 2.8 2.8-2.8" />
  </svg>
);
export const CandlesIcon = () => (
  <Icon>
    <path d="M5.5 2.5v2.6M5.5 12.9v2.6M3.5 5.1h4v7.8h-4z" />
    <path d="M12.5 1.5v2.6M12.5 10.9v3.6M10.5 4.1h4v6.8h-4z" />
  </Icon>
);
export const LineIcon = () => (
  <Icon>
    <path d="m1.5 12.5 4.5-5 3.5 3 7-7" />
  </Icon>
);
export const AreaIcon = () => (
  <Icon>
    <path d="m1.5 10.5 4.5-5 3.5 3 7-7M1.5 15.5h15" />
  </Icon>
);
export const CalendarIcon = () => (
  <Icon>
    <path d="M3 4h12v11H3zM3 7.4h12M6.2 2.2V5M11.8 2.2V5" />
  </Icon>
);
export const MoreIcon = () => (
  <Icon>
    <path class="icon-dots" d="M4 9h.01M9 9h.01M14 9h.01" />
  </Icon>
);
export const GlobeIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="6.8" />
    <path d="M2.2 9h13.6M9 2.2c4 4.2 4 9.4 0 13.6-4-4.2-4-9.4 0-13.6z" />
  </Icon>
);

import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
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
export const TableIcon = () => (
  <Icon>
    <path d="M2.5 3.5h13v11h-13zM2.5 7.2h13M2.5 10.8h13M7.2 3.5v11" />
  </Icon>
);
export const BarsIcon = () => (
  <Icon>
    <path d="M3.5 15V9.5M7.2 15V6M10.8 15v-4.5M14.5 15V3.5" />
  </Icon>
);
export const ScalesIcon = () => (
  <Icon>
    <path d="M1.5 14.5c4 0 4.2-11 7.5-11s3.5 11 7.5 11M9 7v7.5" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M9 2.5v8.5M5.5 7.5 9 11l3.5-3.5M3 14.5h12" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path d="M7.6 10.4a2.9 2.9 0 0 0 4.1 0l2.7-2.7a2.9 2.9 0 0 0-4.1-4.1l-1 1" />
    <path d="M10.4 7.6a2.9 2.9 0 0 0-4.1 0l-2.7 2.7a2.9 2.9 0 0 0 4.1 4.1l1-1" />
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
export const ForwardIcon = () => (
  <Icon>
    <path class="icon-solid" d="M3.5 5v8l5-4zM9.5 5v8l5-4z" />
  </Icon>
);
export const SlidersIcon = () => (
  <Icon>
    <path d="M2 5.5h7M13 5.5h3M11 3.5v4M2 12.5h3M9 12.5h7M7 10.5v4" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M6.5 4v10M11.5 4v10" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="M5.5 3.5v11l8.5-5.5z" />
  </Icon>
);
export const StepIcon = () => (
  <Icon>
    <path d="M4.5 4v10l7-5zM14 4v10" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <path d="M6.5 6.5h9v9h-9zM3.5 11.5h-1v-9h9v1" />
  </Icon>
);
export const FileIcon = () => (
  <Icon>
    <path d="M4 2.5h7l3.5 3.5v9.5H4zM11 2.5V6h3.5" />
  </Icon>
);

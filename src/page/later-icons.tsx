import { Icon } from './icons.tsx';

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

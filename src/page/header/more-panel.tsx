import type { ComponentChildren } from 'preact';
import { toggleNights, toggleVolume } from '../actions.ts';
import { copyLink } from '../copy.ts';
import { GlobeIcon, MoonIcon } from '../icons.tsx';
import { BarsIcon, LinkIcon, ScalesIcon, SlidersIcon, TableIcon } from '../later-icons.tsx';
import type { Model } from '../model.ts';
import type { DialogName } from '../shown.ts';
import { Popover } from './popover.tsx';

/** A menu. */
export function MorePanel({ model }: { model: Model }) {
  const control = model.control.value;
  const close = () => (model.popover.value = undefined);
  const open = (name: DialogName) => () => {
    close();
    model.dialog.value = name;
  };
  return (
    <Popover model={model} label="More" className="menu">
      <button
        type="button"
        class="menu-item"
        role="switch"
        aria-checked={model.hasVolume.value}
        onClick={() => toggleVolume(model)}
      >
        <BarsIcon />
        Volume
        <i class="switch" aria-hidden="true" />
        <kbd>V</kbd>
      </button>
      {model.nights && (
        <button
          type="button"
          class="menu-item"
          role="switch"
          aria-checked={model.nights.areShown.value}
          title="Room for the time in which an instrument is closed"
          onClick={() => toggleNights(model)}
        >
          <MoonIcon />
          Nights
          <i class="switch" aria-hidden="true" />
          <kbd>N</kbd>
        </button>
      )}
      {control && (
        <Item
          icon={<SlidersIcon />}
          text="Market"
          shortcut="M"
          act={() => {
            // That has the focus again once the panel is closed.
            document.querySelector<HTMLElement>('.more')?.focus();
            close();
            control.isOpen.value = true;
          }}
        />
      )}
      <Item icon={<TableIcon />} text="Data table" shortcut="D" act={open('table')} />
      <Item icon={<ScalesIcon />} text="Realism" shortcut="R" act={open('realism')} />
      <Item icon={<GlobeIcon />} text="Time zone" act={() => (model.popover.value = 'zone')} />
      <Item
        icon={<LinkIcon />}
        text="Copy link"
        act={() => {
          close();
          void copyLink(model);
        }}
      />
    </Popover>
  );
}

function Item({
  icon,
  text,
  shortcut,
  act,
}: {
  icon: ComponentChildren;
  text: string;
  shortcut?: string;
  act: () => void;
}) {
  return (
    <button type="button" class="menu-item" onClick={act}>
      {icon}
      {text}
      {shortcut !== undefined && <kbd>{shortcut}</kbd>}
    </button>
  );
}

/** The colours of the chart: the style sheet's tokens, which a canvas cannot read itself. */
export interface Palette {
  readonly panel: string;
  readonly grid: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly up: string;
  readonly down: string;
  readonly flat: string;
  readonly volumeUp: string;
  readonly volumeDown: string;
  readonly volumeFlat: string;
  readonly areaTop: string;
  readonly areaBottom: string;
  readonly font: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    panel: token('panel'),
    grid: token('grid'),
    text2: token('text-2'),
    text3: token('text-3'),
    accent: token('accent'),
    up: token('up'),
    down: token('down'),
    flat: token('flat'),
    volumeUp: token('volume-up'),
    volumeDown: token('volume-down'),
    volumeFlat: token('volume-flat'),
    areaTop: token('area-top'),
    areaBottom: token('area-bottom'),
    font: token('font'),
  };
}

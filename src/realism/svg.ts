/** SVG and HTML as strings. All text goes through `escaped`, and no style attribute is written. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `text` as it may stand in an element or in an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; `content` is markup already. Numbers are rounded to hundredths of a pixel. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? px(value) : escaped(value!)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A number of pixels, to hundredths. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export type Anchor = 'start' | 'middle' | 'end';

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor?: Anchor;
  readonly class?: string;
}

export function label({ x, y, text, anchor = 'start', class: name }: Label): string {
  const attributes = { x, y, 'text-anchor': anchor, class: name, fill: 'currentColor' };
  return element('text', attributes, escaped(text));
}

export type Point = readonly [x: number, y: number];

/** A line through points, or nothing if they are fewer than two. */
export function polyline(points: readonly Point[], attributes: Attributes): string {
  if (points.length < 2) return '';
  const path = points.map(([x, y]) => `${px(x)},${px(y)}`).join(' ');
  return element('polyline', {
    points: path,
    fill: 'none',
    stroke: 'currentColor',
    'stroke-linejoin': 'round',
    ...attributes,
  });
}

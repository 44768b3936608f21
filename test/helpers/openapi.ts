// biome-ignore lint/suspicious/noExplicitAny: a document is looked through as a whole.
type Document = any;

/** A document of OpenAPI with what it refers to in its place. */
export function dereferenced(document: Document): Document {
  const resolve = (value: Document): Document => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value.$ref === 'string') return resolve(partAt(document, value.$ref));
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part)]));
  };
  return resolve(document);
}

function partAt(document: Document, ref: string): Document {
  const [root, ...path] = ref.split('/');
  if (root !== '#') throw new Error(`A reference is within the document; given: ${ref}`);
  return path.reduce((part, name) => part[name], document);
}

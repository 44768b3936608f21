/** What `then` makes of a value: at once, unless that is still being made or loaded. */
export function onceThere<V extends object, T>(
  value: V | Promise<V>,
  then: (value: V) => T,
): T | Promise<T> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** The same shape with every property there, `undefined` where it is not known. */
export type OrUndefined<Shape> = { readonly [Key in keyof Shape]-?: Shape[Key] | undefined };

/** Leaves out what is `undefined`: an optional property is absent, never `undefined`. */
export function withoutUndefined<Shape extends object>(shape: OrUndefined<Shape>): Shape {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape;
}

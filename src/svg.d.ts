declare module '*.svg' {
  /** The source of the image. */
  const source: string;
  export default source;
}

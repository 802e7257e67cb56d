/**
 * Turns payloads and results into text and back. Below it they are opaque: no store parses, merges or
 * reorders them.
 */
export interface Serializer {
  /** Stored beside each value; reading a value of another format is refused. */
  readonly format: string;
  /**
   * The text for `value`. `undefined` means null.
   *
   * @param name what the value is, such as `payload`, to begin the path in an error.
   * @throws SerializationError naming the path, where the value would not come back as it was.
   */
  encode(value: unknown, name: string): string;
  /** The value that {@link Serializer.encode} was given. May throw anything where the text is not its own. */
  decode(text: string): unknown;
}

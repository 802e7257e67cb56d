/** A payload that has been made text, by the serializer of the store that it is for. */
export class EncodedPayload {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

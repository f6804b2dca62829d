const end = '\r\n.\r\n'

/** The octets of a multi-line response without the dots that lines got for the way. RFC 1939 §3. */
export class Unstuffed {
  /** What may be the beginning of the end. The first line begins as if one ended before it. */
  #held = '\r\n'
  #unsent = 2

  /** `rest` is what comes behind the end; undefined while the end has not come. */
  push(chunk: Buffer): { readonly octets: Buffer; readonly rest: Buffer | undefined } {
    const text = this.#held + chunk.toString('latin1')
    const at = text.indexOf(end)
    const until = at < 0 ? holdFrom(text) : at + 2
    this.#held = text.slice(until)
    const octets = this.#sent(text.slice(0, until).replaceAll('\r\n.', '\r\n'))
    return { octets, rest: at < 0 ? undefined : Buffer.from(text.slice(at + end.length), 'latin1') }
  }

  #sent(text: string): Buffer {
    const mute = Math.min(this.#unsent, text.length)
    this.#unsent -= mute
    return Buffer.from(text.slice(mute), 'latin1')
  }
}

function holdFrom(text: string): number {
  const at = text.indexOf('\r', Math.max(0, text.length - end.length + 1))
  return at < 0 ? text.length : at
}

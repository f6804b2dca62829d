const wrongOctet = /\r(?!\n)|(?<!\r)\n|\0/

/** Old mailboxes have messages with bare line ends and NUL; here every line ends with CRLF. RFC 5322 §2.3. */
export class MendedLines {
  #endedInCr = false

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const endsInCr = bytes.at(-1) === 0x0d
    const whole = bytes.toString('latin1', 0, endsInCr ? bytes.length - 1 : bytes.length)
    const text = this.#endedInCr ? `\r${whole}` : whole
    // Nearly always: nothing is wrong, and nothing is copied.
    if (!this.#endedInCr && !endsInCr && !wrongOctet.test(text)) return chunk
    this.#endedInCr = endsInCr
    return Buffer.from(mended(text), 'latin1')
  }

  end(): Uint8Array {
    return Buffer.from(this.#endedInCr ? '\r\n' : '')
  }
}

const mended = (text: string) => text.replace(/\r\n|\r|\n|\0/g, (octets) => (octets === '\0' ? '' : '\r\n'))

/** Takes a Content-Transfer-Encoding off bytes that come in pieces. Lenient: what is not of the encoding is skipped. */
export interface TransferDecoder {
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}

/** Undefined when the encoding is not known (IMAP answers UNKNOWN-CTE). */
export function createTransferDecoder(encoding: string): TransferDecoder | undefined {
  throw new Error(`being written ${encoding}`)
}

/** The same for bytes at hand as a whole; an unknown encoding leaves them as they are. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  throw new Error(`being written ${bytes} ${encoding}`)
}

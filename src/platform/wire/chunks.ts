/** Octets of one write to the network. */
export const chunkOctets = 64 * 1024

/** Kept for the next response. More are made where many clients read slowly at once, and left to the collector. */
const mostSpare = 8
const spare: Buffer[] = []

/** Room to write into, not cleared. The memory that was just sent is the warmest there is. */
export function takeChunk(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(chunkOctets)
}

/** The network has taken what was in it. */
export function giveChunkBack(chunk: Buffer): void {
  if (spare.length < mostSpare) spare.push(chunk)
}

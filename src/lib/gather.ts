/** All of it in one piece; undefined where there is more than `most` octets: what follows is not read. */
export async function gather(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Buffer | undefined> {
  const gathered: Uint8Array[] = []
  let octets = 0
  for await (const piece of pieces) {
    octets += piece.length
    if (octets > most) return undefined
    gathered.push(piece)
  }
  return Buffer.concat(gathered)
}

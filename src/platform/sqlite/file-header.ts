import { open } from 'node:fs/promises'

const headerOctets = 100

/** Whether a database file that nobody writes is all there, by what its first page says. https://sqlite.org/fileformat2.html §1.3 */
export async function isWholeDatabase(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const header = Buffer.alloc(headerOctets)
    const { bytesRead } = await file.read(header, 0, headerOctets, 0)
    if (bytesRead < headerOctets || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') return false
    // A page of 65536 octets does not fit the field, and is written as 1.
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
    return (await file.stat()).size >= pageSize * header.readUInt32BE(28)
  } finally {
    await file.close()
  }
}

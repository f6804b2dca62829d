const block = 512
const longestName = 100

/** The header of one file, and what has to follow its octets. POSIX.1-2017 pax, whose names have any length and script. */
export function tarHeader(path: string, size: number, at: number): Uint8Array {
  const name = Buffer.from(path)
  const isPlain = name.length <= longestName && /^[\x20-\x7e]*$/.test(path)
  if (isPlain && size < 8 ** 11) return ustar(path, size, at, '0')
  const extended = Buffer.from(record('path', path) + record('size', String(size)))
  const before = [ustar('pax', extended.length, at, 'x'), extended, tarPadding(extended.length)]
  return Buffer.concat([...before, ustar('file', Math.min(size, 8 ** 11 - 1), at, '0')])
}

/** Each file fills whole blocks. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array((block - (size % block)) % block)

export const tarEnd: Uint8Array = new Uint8Array(2 * block)

function ustar(name: string, size: number, at: number, type: '0' | 'x'): Buffer {
  const header = Buffer.alloc(block)
  const octal = (value: number, length: number) =>
    `${Math.floor(value)
      .toString(8)
      .padStart(length - 1, '0')}\0`
  header.write(name, 0, longestName)
  header.write(octal(0o600, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(Math.max(0, at / 1000), 12), 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, octet) => total + octet, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** `LENGTH key=value\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length + rest !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

import { asBuffer } from '../../../lib/mime/octets.ts'

/** What a file is by its first octets, whatever it calls itself. */
export type FileKind =
  | 'program'
  | 'zip'
  | 'rar'
  | '7z'
  | 'gzip'
  | 'tar'
  | 'packed'
  | 'pdf'
  | 'picture'
  | 'office'
  | 'other'

interface Mark {
  readonly kind: FileKind
  readonly at: number
  readonly octets: readonly number[]
}

const mark = (kind: FileKind, text: string, at = 0): Mark => ({
  kind,
  at,
  octets: [...Buffer.from(text, 'latin1')],
})

const marks: readonly Mark[] = [
  mark('program', 'MZ'),
  mark('program', '\x7fELF'),
  mark('zip', 'PK\x03\x04'),
  mark('zip', 'PK\x05\x06'),
  mark('rar', 'Rar!\x1a\x07'),
  mark('7z', '7z\xbc\xaf\x27\x1c'),
  mark('gzip', '\x1f\x8b\x08'),
  mark('tar', 'ustar', 257),
  mark('packed', 'MSCF'),
  mark('packed', '**ACE**', 7),
  mark('packed', 'BZh'),
  mark('packed', '\xfd7zXZ\x00'),
  mark('packed', 'CD001', 32_769),
  mark('pdf', '%PDF-'),
  mark('picture', '\x89PNG'),
  mark('picture', '\xff\xd8\xff'),
  mark('picture', 'GIF8'),
  mark('office', '\xd0\xcf\x11\xe0'),
]

export function kindOf(head: Uint8Array): FileKind {
  const octets = asBuffer(head)
  const found = marks.find(({ at, octets: wanted }) =>
    wanted.every((octet, index) => octets[at + index] === octet),
  )
  if (found?.kind === 'program' && !isProgram(octets)) return 'other'
  return found?.kind ?? 'other'
}

/** Many a text begins with MZ: the header of a program says where the rest of it stands. */
function isProgram(octets: Buffer): boolean {
  if (octets[0] !== 0x4d) return true
  return octets.length >= 64 && (octets.indexOf('PE\0\0', 64, 'latin1') > 0 || octets.includes(0))
}

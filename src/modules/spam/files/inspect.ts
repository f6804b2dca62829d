import { asBuffer } from '../../../lib/mime/octets.ts'
import { extensionOf, isForbidden, isTwisted } from '../rules/file-names.ts'
import { type FileEnds, readArchive } from './archive.ts'
import { type FileKind, kindOf } from './magic.ts'

export interface AttachedFile extends FileEnds {
  /** '' where it has none. */
  readonly name: string
  readonly type: string
}

/** What was found of one attached file: plain data. */
export interface FileFacts {
  readonly name: string
  readonly type: string
  readonly kind: FileKind
  /** Of an archive. */
  readonly inside:
    | {
        readonly files: number
        readonly isEncrypted: boolean
        readonly isUnreadable: boolean
        readonly programs: readonly string[]
        readonly archives: readonly string[]
        readonly twisted: readonly string[]
        /** Something that grows five hundredfold. */
        readonly bombs: readonly string[]
      }
    | undefined
  /** Of a PDF. */
  readonly isLocked: boolean
  readonly hasScript: boolean
}

const archives = new Set('7z ace arj bz2 cab gz iso lha lzh rar tar tgz txz xz z zip'.split(' '))
const bombRatio = 500
const mostNamed = 5

export function inspect(file: AttachedFile): FileFacts {
  const kind = kindOf(file.head)
  const isPdf = kind === 'pdf'
  return {
    name: file.name,
    type: file.type,
    kind,
    inside: insideOf(kind, file),
    isLocked: isPdf && contains(file, '/Encrypt'),
    hasScript: isPdf && (contains(file, '/JavaScript') || contains(file, '/JS ')),
  }
}

function insideOf(kind: FileKind, file: AttachedFile): FileFacts['inside'] {
  const archive = readArchive(kind, file.name, file)
  if (!archive) return undefined
  const { entries, hidesNames, isUnreadable = false } = archive
  // Documents are zips too.
  if (entries.some(({ name }) => name === '[Content_Types].xml' || name === 'mimetype')) return undefined
  const names = entries.map(({ name }) => name)
  return {
    files: entries.length,
    isEncrypted: hidesNames || entries.some(({ isEncrypted }) => isEncrypted),
    isUnreadable,
    programs: names.filter(isForbidden).slice(0, mostNamed),
    archives:
      kind === 'gzip' ? [] : names.filter((name) => archives.has(extensionOf(name))).slice(0, mostNamed),
    twisted: names.filter(isTwisted).slice(0, mostNamed),
    bombs: entries
      .filter(({ packed, size }) => packed > 0 && size > packed * bombRatio)
      .map(({ name }) => name)
      .slice(0, mostNamed),
  }
}

const contains = ({ head, tail }: FileEnds, text: string): boolean =>
  asBuffer(head).includes(text) || asBuffer(tail).includes(text)

import { extensionOf } from '../rules/file-names.ts'
import type { Rule } from '../rules/rule.ts'
import type { FileFacts } from './inspect.ts'

/** What attached files are and hold, whatever they are called. */
export const fileRules: readonly Rule<readonly FileFacts[]>[] = [
  {
    symbol: 'MIME_BAD_ATTACHMENT',
    weight: 4,
    group: 'attachments',
    why: 'has a program as an attachment that calls itself otherwise',
    test: (files) => named(files.filter(({ kind }) => kind === 'program')),
  },
  {
    symbol: 'MIME_BAD',
    weight: 1,
    group: 'attachments',
    why: 'has an attachment that is not what it calls itself',
    test: (files) => named(files.filter(isOtherwise)),
  },
  {
    symbol: 'MIME_ENCRYPTED_ARCHIVE',
    weight: 2,
    group: 'attachments',
    why: 'has an encrypted archive as an attachment',
    test: (files) => named(files.filter(({ inside }) => inside?.isEncrypted)),
  },
  {
    symbol: 'UNREADABLE_ARCHIVE',
    weight: 0.5,
    group: 'attachments',
    why: 'has an archive as an attachment whose names nobody can see',
    test: (files) => named(files.filter(({ inside }) => inside?.isUnreadable)),
  },
  {
    symbol: 'MIME_BAD_EXTENSION',
    weight: 2,
    group: 'attachments',
    why: 'has an archive with programs or scripts inside',
    test: (files) => files.flatMap(({ inside }) => inside?.programs ?? []),
  },
  {
    symbol: 'SINGLE_FILE_ARCHIVE_WITH_EXE',
    weight: 5,
    group: 'attachments',
    why: 'has an archive with nothing but a program or a script inside',
    test: (files) => files.filter(isWrappedProgram).flatMap(({ inside }) => inside?.programs ?? []),
  },
  {
    symbol: 'EXE_ARCHIVE_CLICKBAIT_FILENAME',
    weight: 9,
    group: 'attachments',
    why: 'has a program in an archive that calls itself an invoice, or the like',
    test: (files) => named(files.filter((file) => isWrappedProgram(file) && clickbait.test(file.name))),
  },
  {
    symbol: 'MIME_ARCHIVE_IN_ARCHIVE',
    weight: 5,
    group: 'attachments',
    why: 'has an archive inside an archive',
    test: (files) => files.flatMap(({ inside }) => (inside?.files === 1 ? inside.archives : [])),
  },
  {
    symbol: 'MIME_OBFUSCATED_ARCHIVE',
    weight: 2,
    group: 'attachments',
    why: 'has an archive with misleading names inside',
    test: (files) => files.flatMap(({ inside }) => inside?.twisted ?? []),
  },
  {
    symbol: 'MISIDENTIFIED_RAR',
    weight: 4,
    group: 'attachments',
    why: 'has a RAR archive that calls itself otherwise',
    test: (files) => named(files.filter(isHiddenRar)),
  },
  {
    symbol: 'EXE_IN_MISIDENTIFIED_RAR',
    weight: 5,
    group: 'attachments',
    why: 'has a program in a RAR archive that calls itself otherwise',
    test: (files) => files.filter(isHiddenRar).flatMap(({ inside }) => inside?.programs ?? []),
  },
  {
    symbol: 'UDF_COMPRESSION_500PLUS',
    weight: 9,
    group: 'attachments',
    why: 'has an archive with an image of a disk that is nearly empty',
    test: (files) =>
      files.flatMap(({ inside }) =>
        (inside?.bombs ?? []).filter((name) => /\.(?:img|iso|udf|vhd)$/i.test(name)),
      ),
  },
  {
    symbol: 'PDF_ENCRYPTED',
    weight: 0.3,
    group: 'attachments',
    why: 'has an encrypted PDF as an attachment',
    test: (files) => named(files.filter(({ isLocked }) => isLocked)),
  },
  {
    symbol: 'PDF_JAVASCRIPT',
    weight: 0.1,
    group: 'attachments',
    why: 'has a PDF with a script as an attachment',
    test: (files) => named(files.filter(({ hasScript }) => hasScript)),
  },
]

const named = (files: readonly FileFacts[]): string[] => files.map(({ name, type }) => name || type)

const isWrappedProgram = ({ inside }: FileFacts): boolean =>
  inside?.files === 1 && inside.programs.length === 1

const isHiddenRar = ({ kind, name }: FileFacts): boolean =>
  kind === 'rar' && !/^(?:rar|r\d\d|cbr|)$/.test(extensionOf(name))

const clickbait =
  /invoice|payment|receipt|order|statement|remittance|delivery|parcel|shipping|document|scan|voucher|rechnung|mahnung|bestellung|lieferung|zahlung|facture|commande|fattura|factura|pedido/i

/** Extensions that promise what one may open without a thought. */
const promises: Readonly<Record<string, readonly FileFacts['kind'][]>> = {
  pdf: ['pdf'],
  jpg: ['picture'],
  jpeg: ['picture'],
  png: ['picture'],
  gif: ['picture'],
  txt: ['other'],
  csv: ['other'],
}

function isOtherwise({ name, kind }: FileFacts): boolean {
  const kinds = promises[extensionOf(name)]
  // What nobody knows by its first octets may be anything.
  return kinds !== undefined && kind !== 'other' && !kinds.includes(kind)
}

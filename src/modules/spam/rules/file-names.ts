import type { MessagePart } from '../../../lib/mime/message-index.ts'

/** What no honest sender attaches: programs, scripts, and what hides them. Mailu's list. */
const forbidden = new Set(
  `ace ade adp apk appx appxbundle arj bat bin cab chm class cmd com cpl diagcab diagcfg diagpack dll ex ex_ exe hlp hta img ins
   iso isp jar jnlp js jse lib lnk lzh mde msc msi msix msixbundle msp mst msu nsh ocx ovl pif ps1 r01 r14 r18 r25 scr sct shb
   shs sys vb vbe vbs vbscript vdl vhd vxd wsc wsf wsh xll`.split(/\s+/),
)

/** Ends a name that a person takes for a document. */
const documents = new Set(
  'avi bmp csv doc docx gif htm html jpeg jpg mov mp3 mp4 odp ods odt pdf png pps ppt pptx rtf tif tiff txt wav xls xlsx zip'.split(
    ' ',
  ),
)

/** The last extension, as Windows sees it: blanks and dots behind it do not count. */
export function extensionOf(name: string): string {
  const end = name.slice(-longestEnd).replace(/[\s.\0]+$/, '')
  return /\.([^.\s/\\]{1,12})$/.exec(end)?.[1]?.toLowerCase() ?? ''
}

export const isForbidden = (name: string): boolean => forbidden.has(extensionOf(name))

/** `invoice.pdf.exe`: looks like a document where extensions are not shown. */
export function isDisguised(name: string): boolean {
  const end = extensionOf(name)
  if (!forbidden.has(end)) return false
  return documents.has(extensionOf(name.slice(0, name.lastIndexOf('.'))))
}

/** Turns the direction of writing round, so that `gpj.exe` reads as `exe.jpg`; or is not there to be seen. */
export const isTwisted = (name: string): boolean => /[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/.test(name)

export const namesOf = (parts: readonly MessagePart[]): string[] =>
  parts.flatMap(({ name }) => (name === undefined ? [] : [name]))

const longestEnd = 300

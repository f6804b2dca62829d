import type { MessagePart } from '../../../lib/mime/message-index.ts'

// What Mailu gives to oletools.
const types = /^application\/(?:msword|vnd\.(?:ms-(?:word|excel|powerpoint)|openxmlformats-officedocument))/
const extensions = new Set(
  (
    'doc dot docx dotx docm dotm xls xlt xla xlsx xltx xlsm xltm xlam xlsb ' +
    'ppt pot pps ppa pptx potx ppsx ppam pptm potm ppsm slk'
  ).split(' '),
)

/** Whether a part is opened by a program that runs macros. */
export function mayHaveMacros({ type, name = '' }: MessagePart): boolean {
  const extension = /\.([a-z]+)[\s.]*$/i.exec(name)?.[1] ?? ''
  return types.test(type) || extensions.has(extension.toLowerCase())
}

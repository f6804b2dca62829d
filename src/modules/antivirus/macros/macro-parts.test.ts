import { expect, test } from 'vitest'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { mayHaveMacros } from './macro-parts.ts'

const extensions =
  'doc dot docx dotx docm dotm xls xlt xla xlsx xltx xlsm xltm xlam xlsb ppt pot pps ppa pptx potx ppsx ppam pptm potm ppsm slk'

const part = (type: string, name: string) =>
  mayHaveMacros(
    indexMessage(Buffer.from(`Content-Type: ${type}; name="${name}"\r\n\r\nx`)).parts[0] ?? never(),
  )

function never(): never {
  throw new Error('no part')
}

test.each(extensions.split(' '))('a .%s is looked at, whatever it says it is', (extension) => {
  expect(part('application/octet-stream', `A FILE.${extension.toUpperCase()}`)).toBe(true)
})

test.each([
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-word.document.macroEnabled.12',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
])('%s is looked at, whatever its name', (type) => expect(part(type, 'x')).toBe(true))

test.each(['notes.txt', 'doc', 'picture.png', 'a.docx.pdf'])('%s is not', (name) => {
  expect(part('application/octet-stream', name)).toBe(false)
})

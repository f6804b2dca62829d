import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { zipOf } from '../../../test/support/documents.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import { Looker } from './looker.ts'
import { look, type Sight } from './looking.ts'

const header =
  'From: Ann <ann@home.test>\r\nTo: Bob <bob@far.test>\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n'
const looker = new Looker()

function sight(text: string): Sight {
  const octets = Buffer.from(header + text)
  return { octets, index: indexMessage(octets), came: undefined }
}

test.each<[string, string]>([
  [
    'a long text',
    `Content-Type: text/plain; charset=utf-8\r\n\r\n${'Buy this now, http://evil.test/ '.repeat(5000)}`,
  ],
  ['a charset that takes long', `Content-Type: text/plain; charset=utf-7\r\n\r\n${'+AGE-'.repeat(5000)}`],
  ['very many parts', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(500)}`],
  [
    'a large file',
    `Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${randomBytes(300_000).toString('base64')}`,
  ],
])('%s is seen on another thread as it would be here', async (_, text) => {
  const message = sight(text)
  const here = look(message)
  const there = await looker.look(message)
  expect({ ...there, tokens: [there.tokens.single, there.tokens.pairs] }).toEqual({
    ...here,
    tokens: [here.tokens.single, here.tokens.pairs],
  })
  expect(await looker.look({ ...message, index: undefined })).toMatchObject({ content: here.content })
})

test('a forbidden file is seen however many parts stand before it', async () => {
  const file = 'Content-Type: application/x; name=a.exe\r\n\r\nx'
  const parts = `${'--b\r\n\r\nx\r\n'.repeat(1900)}--b\r\n${file}\r\n--b--\r\n`
  const { content } = await looker.look(sight(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`))
  expect(content.map(({ symbol }) => symbol)).toContain('FORBIDDEN_FILE_EXTENSION')
})

test('of a message that is too large to be read, files are looked at from both ends', async () => {
  const zip = zipOf({ 'photo.dat': randomBytes(900_000), 'photo.js': 'x' })
  const lines = zip.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
  const octets = Buffer.from(
    `${header}Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}`,
  )
  const index = indexMessage(octets)
  const message = { kind: 'inline', size: octets.length, index, bytes: octets } as const
  const [file] = await looker.lookBehind(message, async ({ from, to }) => octets.subarray(from, to))
  expect(file?.inside).toMatchObject({ files: 2, programs: ['photo.js'] })
})

import { expect, onTestFinished, test } from 'vitest'
import { type ClamdManners, eicar, startClamdSpeaker } from '../../../../test/support/clamd.ts'
import { createFakeMessageBytes } from '../../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../../test/support/sealed-message.ts'
import { createMessageScanner } from '../index.ts'

async function stage(manners: ClamdManners = {}) {
  const clamd = await startClamdSpeaker(manners)
  onTestFinished(() => clamd.stop())
  const log = createFakeLog()
  const scanner = createMessageScanner({
    bytes: createFakeMessageBytes(),
    log,
    meter: silentMeter,
    clamd: { kind: 'tcp', host: '127.0.0.1', port: clamd.port },
    macros: false,
  })
  return { clamd, log, scan: (text: string) => scanner.scan('m', sealedMessage(text)) }
}

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

const withFile = (content: string, encoding = 'base64') =>
  [
    'Subject: x',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'Hello',
    '--b',
    'Content-Type: application/octet-stream; name="a file.bin"',
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    content,
    '--b--',
    '',
  ].join('\r\n')

test('names the attachment that has the virus', async () => {
  const { scan } = await stage()
  const found = { kind: 'found', what: 'virus', name: 'Eicar-Test-Signature', part: 'a file.bin' }
  expect(await scan(withFile(base64(eicar)))).toEqual(found)
})

test('scans every attachment decoded, and the message as it came', async () => {
  const { scan, clamd } = await stage()
  const message = withFile(base64('some file'))
  expect(await scan(message)).toEqual({ kind: 'clean' })
  expect(clamd.streams.map(String)).toEqual(['some file', message])
})

test('a virus in a text is found with the whole', async () => {
  const { scan } = await stage()
  expect(await scan(`Subject: x\r\n\r\n${eicar}\r\n`)).toMatchObject({ kind: 'found', part: undefined })
})

test('what was scanned a moment ago is not scanned again', async () => {
  const { scan, clamd } = await stage()
  const message = withFile(base64(eicar))
  const first = await scan(message)
  expect(await scan(message)).toEqual(first)
  expect(clamd.streams).toHaveLength(1)
})

test('a message longer than clamd takes is looked at part by part', async () => {
  const { scan, log } = await stage({ streamMaxLength: 1000 })
  const long = withFile(base64(eicar)).replace('Hello', 'Hello '.repeat(1000))
  expect(await scan(long)).toMatchObject({ kind: 'found' })
  expect(await scan(long.replace(base64(eicar), base64('clean')))).toEqual({ kind: 'clean' })
  expect(log.events.map(({ event }) => event)).toEqual(['virus.too-long'])
})

test('a scanner that is away, or answers nonsense, has not said that a message is clean', async () => {
  const { scan, clamd } = await stage()
  await clamd.stop()
  expect(await scan('Subject: x\r\n\r\n')).toMatchObject({ kind: 'failed' })
})

test('many at once take turns', async () => {
  const { scan, clamd } = await stage()
  const scans = await Promise.all(
    Array.from({ length: 40 }, (_, nth) => scan(`Subject: ${nth}\r\n\r\nx\r\n`)),
  )
  expect(new Set(scans.map(({ kind }) => kind))).toEqual(new Set(['clean']))
  expect(clamd.streams).toHaveLength(40)
})

import { expect, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { createFakeMessageBytes } from '../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { type MilterPlay, scriptedMilter, takes } from '../../../test/support/milter.ts'
import { sealedMessage } from '../../../test/support/sealed-message.ts'
import { parseAddress } from '../../lib/address.ts'
import type { Arrival } from '../../ports/intake.ts'
import { createMailFilter } from './index.ts'

const text = 'Subject: one\r\nX-Two: a\r\n folded\r\nSubject:three\r\n\r\nHello\r\n'
const ann = parseAddress('ann@example.test')

const arrival: Arrival = arrivalOf(sealedMessage(text), {
  id: 'm1',
  connection: 'c1',
  sender: parseAddress('bob@example.org'),
  recipients: ann ? [{ address: ann, notify: undefined, originalRecipient: undefined }] : [],
  client: { ip: '192.0.2.1', helo: 'there.example.org', tls: false },
})

/** Says `c` to everything it is not told otherwise. */
async function stage(
  said: Readonly<Record<string, ReturnType<MilterPlay>>>,
  flags = 0,
  whenAway: 'later' | 'accept' | 'refuse' = 'later',
) {
  const play: MilterPlay = (letter) => said[letter] ?? (letter === 'O' ? [takes(flags)] : [['c']])
  const milter = await scriptedMilter((letter, content) => (/[DQ]/.test(letter) ? [] : play(letter, content)))
  const filter = createMailFilter({
    milters: [{ kind: 'tcp', host: '127.0.0.1', port: milter.port }],
    whenAway,
    hostname: 'mail.example.test',
    bytes: createFakeMessageBytes(),
    log: createFakeLog(),
    meter: silentMeter,
  })
  return { milter, ask: () => filter.ask({ arrival, clientName: undefined }) }
}

const field = (name: string, value: string) => `${name}\0${value}\0`
const placed = (index: number, name: string, value: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, index]), Buffer.from(field(name, value))])

test('a filter hears all of a message, step by step', async () => {
  const { ask, milter } = await stage({})
  expect(await ask()).toEqual({ kind: 'passed', added: '', edits: [], isSuspect: false })
  expect(milter.told.filter((packet) => !/^[ODQ]/.test(packet))).toEqual([
    'Cunknown 4  192.0.2.1 ',
    'Hthere.example.org ',
    'M<bob@example.org> ',
    'R<ann@example.test> ',
    'T',
    'LSubject one ',
    'LX-Two a\n folded ',
    'LSubject three ',
    'N',
    'BHello\r\n',
    'E',
  ])
  expect(milter.told).toContain(
    'DMi m1 {mail_addr} bob@example.org {client_addr} 192.0.2.1 {client_name} unknown ',
  )
})

test('steps that it does without are left out, and those it does not answer are not waited for', async () => {
  // Neither HELO nor the body; no answers to fields.
  const { ask, milter } = await stage({ L: [] }, 0x02 | 0x10 | 0x80)
  expect(await ask()).toMatchObject({ kind: 'passed' })
  expect(milter.told.map((packet) => packet.charAt(0)).join('')).not.toMatch(/[HB]/)
})

test.each([
  ['r', '', 550, '5.7.1', 'Message refused by a filter'],
  ['t', '', 451, '4.7.1', 'Message not accepted yet, try again later'],
  ['d', '', 550, '5.7.1', 'Message refused by a filter'],
  ['y', '554 5.7.0 No, thanks\r\n\0', 554, '5.7.0', 'No, thanks'],
  ['y', '450 later\0', 450, '4.7.1', 'later'],
])('%s %j refuses, wherever it is said', async (letter, content, code, status, said) => {
  for (const step of ['C', 'R', 'L', 'B', 'E']) {
    const { ask } = await stage({ [step]: [[letter, content]] })
    expect(await ask()).toEqual({ kind: 'refused', code, status, text: said })
  }
})

test('fields are added, changed and taken out', async () => {
  const { ask } = await stage({
    E: [
      ['h', field('X-Score', '1')],
      ['i', placed(0, 'X-First', 'a\n\tb')],
      ['p'],
      ['m', placed(2, 'subject', 'four')],
      ['m', placed(1, 'X-Two', '')],
      ['m', placed(1, 'X-New', 'yes')],
      ['m', placed(1, 'X-Not-There', '')],
      ['c'],
    ],
  })
  expect(await ask()).toEqual({
    kind: 'passed',
    added: 'X-First: a\r\n\tb\r\nX-Score: 1\r\nX-New: yes\r\n',
    edits: [
      { from: 14, to: 33, text: '' },
      { from: 33, to: 48, text: 'subject: four\r\n' },
    ],
    isSuspect: false,
  })
})

test('no field of a filter becomes another one', async () => {
  const { ask } = await stage({
    E: [['h', field('X-A', 'one\r\nX-B: two\n\n\nBody')], ['h', field('X: C', 'x')], ['a']],
  })
  expect(await ask()).toMatchObject({ added: 'X-A: one\r\n X-B: two\r\n Body\r\n' })
})

test('quarantine asks for somebody to look', async () => {
  const { ask } = await stage({ E: [['q', 'odd\0'], ['c']] })
  expect(await ask()).toMatchObject({ kind: 'passed', isSuspect: true })
})

test('what it has seen enough of is sent no more', async () => {
  const { ask } = await stage({ B: [['s']] })
  expect(await ask()).toMatchObject({ kind: 'passed' })
})

test.each([
  ['accept', { kind: 'passed' }],
  ['later', { kind: 'refused', code: 451 }],
  ['refuse', { kind: 'refused', code: 550 }],
] as const)('a filter that is away, or is none: %s', async (whenAway, expected) => {
  const gone = await stage({}, 0, whenAway)
  await gone.milter.stop()
  expect(await gone.ask()).toMatchObject(expected)
  const strange = [
    { O: [['O', Buffer.alloc(3)] as const] },
    { E: [['+', '<eve@example.org>\0'] as const] },
    { M: [['y', 'no reply\0'] as const] },
  ]
  for (const said of strange) expect(await (await stage(said, 0, whenAway)).ask()).toMatchObject(expected)
})

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { createLog, type LogLevel } from './log.ts'

function logTo(options: { level?: LogLevel; pretty?: boolean } = {}) {
  const lines: string[] = []
  const out = { write: (line: string) => void lines.push(line) }
  const log = createLog({ level: options.level ?? 'info', pretty: options.pretty ?? false, out })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

test('one event is one line of JSON with time, level and fields', () => {
  const { log, lines, last } = logTo()
  log.info('message.accepted', { id: 'k1', size: 12, from: 'a\nb' })
  expect(lines).toHaveLength(1)
  expect(lines[0]?.match(/\n/g)).toHaveLength(1)
  expect(last()).toMatchObject({ level: 'info', event: 'message.accepted', id: 'k1', size: 12, from: 'a\nb' })
  expect(Date.parse(String(last()['time']))).not.toBeNaN()
})

test('fields given once stand on every line of the child', () => {
  const { log, last } = logTo()
  log.with({ connection: 'k1' }).with({ account: 'a2' }).warn('sign-in.refused')
  expect(last()).toMatchObject({ connection: 'k1', account: 'a2', level: 'warn' })
})

test('what is below the level is not written', () => {
  const { log, lines } = logTo({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d', new Error('e'))
  expect(lines).toHaveLength(2)
})

test.each([
  'password',
  'userPassword',
  'pass',
  'token',
  'app_token',
  'secret',
  'Authorization',
  'privateKey',
])('a field named %s stays hidden, in children too', (name) => {
  const { log, lines } = logTo()
  log.info('x', { [name]: 'hunter2', user: 'bob' })
  log.with({ [name]: 'hunter2' }).info('x')
  expect(lines.join('')).not.toContain('hunter2')
  expect(lines.join('')).toContain('bob')
})

test.each(['bypass', 'tokens', 'passed', 'user'])('a field named %s is nobody’s secret', (name) => {
  const { log, last } = logTo()
  log.info('x', { [name]: 'seen' })
  expect(last()[name]).toBe('seen')
})

test('an error is logged with its stack and its cause, anything else thrown as text', () => {
  const { log, last } = logTo()
  log.error('bug', new Error('outer', { cause: new Error('inner') }), { connection: 'k1' })
  expect(last()).toMatchObject({ level: 'error', event: 'bug', connection: 'k1' })
  const { message, stack } = last()['cause'] as { message: string; stack: string }
  expect(message).toContain('outer')
  expect(stack).toMatch(/log\.test\.ts.*inner/s)
  log.error('bug', 'just text')
  expect(last()['cause']).toEqual({ message: 'just text' })
})

test('on a terminal a line reads as a sentence, and a stranger cannot steer the terminal', () => {
  const { log, lines } = logTo({ pretty: true })
  log.info('message.accepted', { from: '\u001b[2J', subject: 'two words', size: 3 })
  log.error('bug', new Error('broken\u001b[2J'))
  const plain = lines.map((line) => stripVTControlCharacters(line))
  expect(plain[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} info {2}message\.accepted from=\ufffd\[2J subject="two words" size=3\n$/,
  )
  expect(plain[1]).toMatch(/error bug\n {4}Error: broken\ufffd\[2J\n {4,}at /)
})

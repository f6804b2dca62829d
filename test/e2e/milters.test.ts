import { expect, test } from 'vitest'
import { messagesOf, transport } from '../clients/support/mailbox.ts'
import { scriptedMilter, takes } from '../support/milter.ts'
import { startServer, type TestServer } from '../support/server.ts'

const send = (server: TestServer, how: 'plain' | 'submission', subject: string) =>
  transport(server, how).sendMail({
    from: how === 'plain' ? 'shop@example.org' : 'ann@example.test',
    to: 'ann@example.test',
    subject,
    text: `About ${subject}`,
  })

const placed = (name: string, value: string) => Buffer.from(`\0\0\0\u0001${name}\0${value}\0`)

test('what a filter says of a message is done, in both directions', { timeout: 60_000 }, async () => {
  let subject = ''
  const milter = await scriptedMilter((letter, content) => {
    if (letter === 'O') return [takes(0)]
    if (/[DQ]/.test(letter)) return []
    if (letter === 'L' && content.toString().startsWith('Subject')) subject = content.toString()
    if (letter !== 'E') return [['c']]
    if (subject.includes('forbidden')) return [['y', '554 5.7.1 Not this\0']]
    if (subject.includes('odd')) return [['q', 'looks odd\0'], ['c']]
    return [['m', placed('Subject', '[seen]')], ['h', 'X-Seen\0yes\0'], ['a']]
  })
  const server = await startServer({ env: { MILTERS: `inet:127.0.0.1:${milter.port}` } })
  try {
    await server.addUsers('ann')
    for (const how of ['plain', 'submission'] as const) {
      await send(server, how, 'anything')
      await expect(send(server, how, 'forbidden')).rejects.toThrow('554 5.7.1 Not this')
    }
    await send(server, 'plain', 'odd')
    for (const message of (await messagesOf(server, 'ann')).map(String)) {
      expect(message.match(/^Subject:.*$/gm)).toEqual(['Subject: [seen]'])
      expect(message).toMatch(/^X-Seen: yes\r$/m)
      expect(message).toContain('About anything')
    }
    expect(await messagesOf(server, 'ann')).toHaveLength(2)
    expect(String(await messagesOf(server, 'ann', 'Junk'))).toContain('Subject: odd')
    expect(milter.told.some((packet) => packet.includes('{auth_authen} ann@example.test'))).toBe(true)

    await milter.stop()
    await expect(send(server, 'plain', 'away')).rejects.toThrow('451 4.7.1 A filter is not ready')
  } finally {
    await server.stop()
  }
})

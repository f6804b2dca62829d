import type { OldDoor } from '../../../lib/old-server.ts'
import type { OldSignIn } from '../../../ports/old-servers.ts'
import { type Let, oneLine, plainAnswer } from './entrance.ts'
import type { Talk } from './talk.ts'
import { Unusable } from './unusable.ts'

/** Signs in where mail is submitted. RFC 6409 §4.3, RFC 4954 §4. */
export async function enterSubmission(
  talk: Talk,
  door: OldDoor,
  hostname: string,
  signIn: Omit<OldSignIn, 'server'>,
): Promise<Let> {
  if ((await reply(talk)).code !== 220) throw new Unusable('it greets with no 220')
  let able = await hello(talk, hostname)
  if (door.tls === 'starttls') {
    if ((await said(talk, 'STARTTLS')).code !== 220) throw new Unusable('it offers no STARTTLS')
    await talk.startTls()
    able = await hello(talk, hostname)
  }
  const { code, text } = await authenticate(talk, able, signIn)
  if (code === 235) return { kind: 'yes', said: text }
  // RFC 4954 §6: 454 is trouble of theirs; 432 and 5yz are about the password.
  return { kind: code >= 400 && code < 500 && code !== 432 ? 'later' : 'no' }
}

interface Reply {
  readonly code: number
  readonly text: string
  readonly lines: readonly string[]
}

async function hello(talk: Talk, hostname: string): Promise<Reply> {
  const answer = await said(talk, `EHLO ${hostname}`)
  if (answer.code !== 250) throw new Unusable('it does not answer EHLO')
  return answer
}

async function authenticate(talk: Talk, able: Reply, signIn: Omit<OldSignIn, 'server'>): Promise<Reply> {
  const mechanisms = able.lines.find((line) => /^AUTH[ =]/i.test(line))?.toUpperCase() ?? ''
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  if (/\bPLAIN\b/.test(mechanisms)) return await said(talk, `AUTH PLAIN ${plainAnswer(signIn)}`)
  if (!/\bLOGIN\b/.test(mechanisms)) throw new Unusable('it offers neither PLAIN nor LOGIN')
  const asked = [await said(talk, 'AUTH LOGIN'), await said(talk, base64(signIn.login))]
  const other = asked.find(({ code }) => code !== 334)
  return other ?? (await said(talk, base64(signIn.password)))
}

async function said(talk: Talk, command: string): Promise<Reply> {
  talk.say(command)
  return await reply(talk)
}

/** All lines of it. RFC 5321 §4.2.1. */
async function reply(talk: Talk): Promise<Reply> {
  const lines: string[] = []
  for (;;) {
    const [, digits, mark, text = ''] = /^(\d{3})(?:([- ])(.*))?$/.exec(await talk.line()) ?? []
    if (digits === undefined) throw new Unusable('it gives no answer of SMTP')
    lines.push(text)
    if (mark !== '-') return { code: Number(digits), text: oneLine(text), lines }
  }
}

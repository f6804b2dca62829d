// node scripts/picture.ts > docs/picture.svg: README's picture, drawn from what a server really says. Needs the ports of `npm start` free.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'

interface Line {
  readonly text: string
  readonly by: 'person' | 'server'
}

/** Says each line when the answer to the one before has come; `ends` tells what ends an answer. */
async function talk(socket: Socket, says: readonly string[], ends: RegExp): Promise<Line[]> {
  const lines: Line[] = []
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk) => (answer += String(chunk)))
  const hear = async () => {
    while (!ends.test(answer)) await once(socket, 'data')
    for (const text of answer.trimEnd().split('\r\n')) lines.push({ text, by: 'server' })
    answer = ''
  }
  await hear()
  for (const text of says) {
    lines.push(...text.split('\r\n').map((line): Line => ({ text: line, by: 'person' })))
    socket.write(`${text}\r\n`)
    await hear()
  }
  socket.end()
  return lines
}

async function record(): Promise<{ title: string; lines: readonly Line[] }[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-picture-'))
  const server = spawn('npm', ['start', '--silent'], { env: { ...process.env, DATA_DIR: dataDir } })
  let said = ''
  server.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  try {
    while (!said.includes('sets another')) await once(server.stdout, 'data')
    const password = /Password +(\S+)/.exec(said)?.[1] ?? ''
    const started = said
      .slice(said.indexOf('Homepost runs.'))
      .trimEnd()
      .split('\n')
      .filter((text) => text !== '' && !text.includes('shown this once'))
      .map((text): Line => ({ text: text.replace(password, '●●●●●●●●●●●●'), by: 'server' }))
    const smtp = await talk(
      connect({ port: 8025, host: '127.0.0.1' }),
      [
        'EHLO phone.home.test',
        'MAIL FROM:<ann@friends.test>',
        'RCPT TO:<admin@home.test>',
        'DATA',
        'From: Ann <ann@friends.test>\r\nSubject: Dinner on Friday?\r\n\r\nSeven, at ours.\r\n.',
      ],
      /^\d{3} [^\r\n]*\r\n$/m,
    )
    const imap = await talk(
      connectTls({ port: 8993, host: '127.0.0.1', rejectUnauthorized: false }),
      [
        `a LOGIN admin@home.test ${password}`,
        'b SELECT INBOX',
        'c FETCH 1 (FLAGS PREVIEW BODY[HEADER.FIELDS (SUBJECT)])',
      ],
      /^(\* OK \[CAPABILITY|[abc] OK)[^\r\n]*\r\n$/m,
    )
    return [
      { title: 'npm start', lines: started },
      { title: 'SMTP, port 8025: a message comes in', lines: smtp },
      {
        title: 'IMAP, port 8993: and is read',
        lines: imap.map(({ text, by }) => ({ text: text.replace(password, '●●●●●●●●●●●●'), by })),
      },
    ]
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const width = 860
const lineHeight = 17
const longest = 106

function draw(panels: readonly { title: string; lines: readonly Line[] }[]): string {
  let y = 0
  const shapes = panels.flatMap(({ title, lines }) => {
    const height = 36 + lines.length * lineHeight + 8
    const top = y
    y += height + 10
    return [
      `<rect x="0" y="${top}" width="${width}" height="${height}" rx="8" fill="#16202c"/>`,
      `<text x="16" y="${top + 21}" fill="#8fa3b8">${asText(title)}</text>`,
      ...lines.map(
        ({ text, by }, index) =>
          `<text x="16" y="${top + 45 + index * lineHeight}" fill="${by === 'person' ? '#7ee0a8' : '#dbe6f1'}">${asText(text.length > longest ? `${text.slice(0, longest - 1)}…` : text)}</text>`,
      ),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y - 10}" width="${width}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13" style="white-space:pre">`,
    '<title>Homepost starts, takes a message by SMTP and shows it by IMAP</title>',
    ...shapes,
    '</svg>',
    '',
  ].join('\n')
}

function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

process.stdout.write(draw(await record()))

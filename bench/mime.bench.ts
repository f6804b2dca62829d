import { createMessageIndexer } from '../src/lib/mime/indexer.ts'

/** As the message comes from a socket. */
const chunkOctets = 65_536

const header = [
  'Return-Path: <news@example.com>',
  'Received: from mail.example.com (mail.example.com [192.0.2.1])',
  '\tby mx.home.test with ESMTPS id abc123',
  '\tfor <bob@home.test>; Thu, 13 Feb 2025 10:00:00 +0100',
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;',
  '\th=from:to:subject:date:message-id; bh=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=;',
  `\tb=${'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'.repeat(4)}`,
  'MIME-Version: 1.0',
  'From: "Alice Example" <alice@example.com>',
  'To: Bob <bob@home.test>, "Carol, C." <carol@home.test>',
  'Cc: team@home.test',
  'Subject: Re: [list] =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from the office',
  'Date: Thu, 13 Feb 2025 09:59:57 +0100',
  'Message-ID: <20250213095957.1234@example.com>',
  'In-Reply-To: <111@home.test>',
  'References: <000@home.test> <111@home.test>',
  '',
].join('\r\n')

const boundary = '----=_Part_1_2.3'
const sentence = 'The quick brown fox jumps over the lazy dog and runs away from it all.\r\n'
const text = (octets: number) => sentence.repeat(Math.ceil(octets / sentence.length)).slice(0, octets)

function multipart(subtype: string, parts: readonly string[]): Buffer {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')
  const type = `Content-Type: multipart/${subtype}; boundary="${boundary}"`
  return Buffer.from(`${header}${type}\r\n\r\n${body}--${boundary}--\r\n`)
}

const plainPart = (octets: number) => `Content-Type: text/plain; charset=utf-8\r\n\r\n${text(octets)}`
const htmlPart = (octets: number) =>
  `Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{color:red}</style></head>${`<p>${sentence}</p>`.repeat(octets / 79)}</html>`
const base64Part = (octets: number) =>
  `Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'QUJD'.repeat(19)}\r\n`.repeat(octets / 78)}`

const messages: readonly { name: string; bytes: Buffer; rounds: number }[] = [
  { name: '4 KB text', bytes: Buffer.from(`${header}\r\n${text(3000)}`), rounds: 20_000 },
  {
    name: '50 KB text and HTML',
    bytes: multipart('alternative', [plainPart(14_000), htmlPart(36_000)]),
    rounds: 5000,
  },
  {
    name: '20 MB attachment',
    bytes: multipart('mixed', [plainPart(100), base64Part(20_000_000)]),
    rounds: 30,
  },
  { name: '10,000 parts', bytes: multipart('mixed', Array<string>(9990).fill('\r\nx')), rounds: 10 },
]

/** Microseconds per message and MB/s of the indexer, on one core. */
export function run(): void {
  for (const { name, bytes, rounds } of messages) {
    for (let round = 0; round < rounds / 5; round++) index(bytes)
    const start = performance.now()
    for (let round = 0; round < rounds; round++) index(bytes)
    const milliseconds = (performance.now() - start) / rounds
    const speed = bytes.length / 1e6 / (milliseconds / 1000)
    console.log(`mime index ${name}: ${(milliseconds * 1000).toFixed(1)} µs, ${speed.toFixed(0)} MB/s`)
  }
}

function index(bytes: Buffer): void {
  const indexer = createMessageIndexer()
  for (let at = 0; at < bytes.length; at += chunkOctets) indexer.push(bytes.subarray(at, at + chunkOctets))
  indexer.end()
}

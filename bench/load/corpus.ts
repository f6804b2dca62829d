import { createRandom, type Random } from './random.ts'

/** Sizes of messages: a text with its HTML twin, the same with a picture, the same with a document. */
const kinds = { '4k': 4096, '50k': 51_200, '1m': 1_048_576 } as const
export type Kind = keyof typeof kinds

const words =
  `a about above across after again all along also always an and another any are around as ask at away back
be became because been before began best better between book both bring but by call came can car change city close come
could country course cut day did different do does door down draw each early earth eat end enough even every example eye
face family far father feel few find first follow food for form found four friend from garden gave get girl give go good
great group grow had hand hard has have he head hear help her here high him his home hour house how idea if important in
into is it just keep kind know land large last late learn leave left letter life light like line list little live long
look made make man many may me mean meeting might money morning mother mountain move much music must my name near need
never new next night no north not note now number of off offer often old on once one only open or order other our out
over own page paper part people picture place plan plant play point power price problem project quarter question quick
quite rain read real report rest right river road room run said same saw say school sea second see seem sentence set
she should show side small so some song soon sound spell stand start state still stop story street study such sun sure
table take talk team tell than that the their them then there these they thing think this those thought three through
time to together too took town travel tree true try turn two under until up us use very walk want war was watch water
way we week well went were what when where which while white who why will wind with without woman word work world would
write year yes yesterday yet you young your`.split(/\s+/)

const people = ['alice', 'bob', 'carla', 'david', 'eva', 'farid', 'greta', 'hugo', 'ines', 'jonas']

/** A message without its Message-ID line, which the sender puts first so that every copy is another message. */
export type Template = { readonly afterMessageId: Buffer }

export const messageId = (unique: string): string => `Message-ID: <${unique}@sender.test>\r\n`

const templateCounts: Readonly<Record<Kind, number>> = { '4k': 200, '50k': 100, '1m': 20 }

/** Messages of a kind: the same bytes in every run on every machine. From strangers by way of their server, or from `author`. */
export function templates(kind: Kind, author?: string): readonly Template[] {
  const random = createRandom(kinds[kind])
  return Array.from({ length: templateCounts[kind] }, (_, index) => ({
    afterMessageId: Buffer.from(compose({ random, kind, index, marks: '', author }), 'latin1'),
  }))
}

/** Message `index` of the big mailbox: mostly 4 KB, every 20th with a picture, with words that few others have. */
export function mailboxMessage(index: number): Buffer {
  const random = createRandom(1_000_003 + index)
  const kind = index % 20 === 0 ? '50k' : '4k'
  const marks = ` zebra${index % 1000}`
  const text = compose({ random, kind, index, marks, author: undefined })
  return Buffer.from(messageId(`big-${index}`) + text, 'latin1')
}

type Draft = {
  readonly random: Random
  readonly kind: Kind
  readonly index: number
  readonly marks: string
  readonly author: string | undefined
}

function compose({ random, kind, index, marks, author }: Draft): string {
  const { contentType, body } = bodyOf(random, kind)
  const date = new Date(1_700_000_000_000 + index * 60_000).toUTCString().replace('GMT', '+0000')
  const sender = random.pick(people)
  const passed = [
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.test; s=s1; t=1700000000;\r\n` +
      ` h=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type; bh=${letters(random, 43)}=;\r\n` +
      ` b=${Array.from({ length: 5 }, () => letters(random, 68)).join('\r\n  ')}==`,
    `Received: from laptop (unknown [10.0.0.${random.below(250)}])\r\n by mail.sender.test with ESMTPSA ` +
      `id ${letters(random, 10)}; ${date}`,
  ]
  const header = [
    ...(author === undefined ? passed : []),
    `From: ${sender} Person${index % 997} <${author ?? `${sender}${index % 997}@sender.test`}>`,
    'To: Somebody Here <u1@example.test>',
    `Subject: ${sentence(random).slice(0, 46).trim()} ${index}${marks}`,
    `Date: ${date}`,
    'MIME-Version: 1.0',
    `Content-Type: ${contentType}`,
    'User-Agent: Mozilla Thunderbird',
  ]
  return `${header.join('\r\n')}\r\n\r\n${body}`
}

function bodyOf(random: Random, kind: Kind): { contentType: string; body: string } {
  const inner = `=_a${random.below(1e9).toString(36)}`
  const alternative = `multipart/alternative; boundary="${inner}"`
  if (kind === '4k') return { contentType: alternative, body: textAndHtml(random, inner, kinds['4k'] - 1500) }
  const outer = `=_m${random.below(1e9).toString(36)}`
  const textSize = kind === '50k' ? 8000 : 12_000
  const [type, file] = kind === '50k' ? ['image/jpeg', 'photo.jpg'] : ['application/pdf', 'report.pdf']
  const body =
    `--${outer}\r\nContent-Type: ${alternative}\r\n\r\n${textAndHtml(random, inner, textSize)}` +
    `--${outer}\r\nContent-Type: ${type}; name="${file}"\r\nContent-Disposition: attachment; filename="${file}"\r\n` +
    `Content-Transfer-Encoding: base64\r\n\r\n${base64(random, kinds[kind] - textSize - 2000)}--${outer}--\r\n`
  return { contentType: `multipart/mixed; boundary="${outer}"`, body }
}

function textAndHtml(random: Random, boundary: string, size: number): string {
  const part = (subtype: string, content: string): string =>
    `--${boundary}\r\nContent-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n${content}`
  const html = paragraphs(random, size * 0.5)
    .map((each) => `<p>${each.trim()}</p>\r\n`)
    .join('')
  const page = `<html><head><style>p{font-family:Arial}</style></head><body>\r\n${html}</body></html>\r\n`
  return `${part('plain', paragraphs(random, size * 0.4).join('\r\n'))}${part('html', page)}--${boundary}--\r\n`
}

function paragraphs(random: Random, size: number): string[] {
  const made: string[] = []
  for (let length = 0; length < size; length += made.at(-1)?.length ?? 0) {
    const text = Array.from({ length: 2 + random.below(4) }, () => sentence(random)).join('')
    made.push(`${text.replace(/(.{60,74}) /g, '$1\r\n').trim()}\r\n`)
  }
  return made
}

function sentence(random: Random): string {
  const text = Array.from({ length: 5 + random.below(14) }, () => random.pick(words)).join(' ')
  return `${text[0]?.toUpperCase()}${text.slice(1)}. `
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const letters = (random: Random, count: number): string =>
  Array.from({ length: count }, () => alphabet[random.below(alphabet.length)]).join('')

function base64(random: Random, size: number): string {
  const lines = Array.from({ length: Math.ceil(size / 78) }, () => {
    const bytes = Buffer.allocUnsafe(57)
    for (let at = 0; at < 57; at += 3) bytes.writeUIntBE(random.below(2 ** 24), at, 3)
    return `${bytes.toString('base64')}\r\n`
  })
  return lines.join('')
}

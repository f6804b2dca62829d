import { type Evidence, registeredPart } from './evidence.ts'
import type { Rule } from './rule.ts'

/** How it is built: MIME, HTML and links. */
export const bodyRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'MIME_HTML_ONLY',
    weight: 0.2,
    group: 'mime',
    why: 'is HTML without a plain text',
    test: ({ content }) => content.texts.length > 0 && content.texts.every(({ html }) => html),
  },
  {
    symbol: 'MIME_MA_MISSING_TEXT',
    weight: 2,
    group: 'mime',
    why: 'offers a choice and has no plain text',
    test: ({ content }) =>
      content.index.parts.some(({ type }) => type === 'multipart/alternative') &&
      !content.texts.some(({ part }) => part.type === 'text/plain'),
  },
  {
    symbol: 'MIME_MA_MISSING_HTML',
    weight: 1,
    group: 'mime',
    why: 'offers a choice and has nothing but plain text',
    test: ({ content }) =>
      content.index.parts.some(({ type }) => type === 'multipart/alternative') &&
      content.attachments.length === 0 &&
      !content.texts.some(({ html }) => html),
  },
  {
    symbol: 'MIME_BASE64_TEXT',
    weight: 0.1,
    group: 'mime',
    why: 'wraps text in base64',
    test: ({ content }) => content.texts.some(({ part }) => part.encoding === 'base64'),
  },
  {
    symbol: 'MIME_BASE64_TEXT_BOGUS',
    weight: 1,
    group: 'mime',
    why: 'wraps plain ASCII in base64',
    test: ({ content }) =>
      content.texts.some(
        ({ part, text }) => part.encoding === 'base64' && /^[\x09\x0a\x0d\x20-\x7e]+$/.test(text),
      ),
  },
  {
    symbol: 'R_MISSING_CHARSET',
    weight: 0.5,
    group: 'mime',
    why: 'does not say in which charset it is written',
    test: ({ content, values }) =>
      values('content-type').length > 0 && content.texts.some(({ part }) => part.charset === undefined),
  },
  {
    symbol: 'R_BAD_CTE_7BIT',
    weight: 3.5,
    group: 'mime',
    why: 'promises ASCII and is not',
    test: ({ content }) =>
      content.texts.some(
        ({ part, isAscii }) =>
          part.encoding === '7bit' && (part.charset === undefined || part.charset === 'us-ascii') && !isAscii,
      ),
  },
  {
    symbol: 'CTYPE_MIXED_BOGUS',
    weight: 1,
    group: 'mime',
    why: 'has several parts, of which there is one',
    test: ({ content }) =>
      content.index.parts[0]?.type === 'multipart/mixed' && content.index.parts.length === 2,
  },
  {
    symbol: 'ENDLESS_STRUCTURE',
    weight: 5,
    group: 'mime',
    why: 'has more parts, or a longer header, than anybody sends',
    test: ({ content }) => content.index.truncated,
  },
  {
    symbol: 'SUSPICIOUS_BOUNDARY',
    weight: 3,
    group: 'mime',
    why: 'parts itself as programs for mass mail do',
    test: ({ values }) =>
      values('content-type').some((type) =>
        // Not those of Python (`===============1234==`) and of older Thunderbirds (`------------0102`).
        /boundary="?(?:-{4}=_NextPart_[A-Za-z]{8,}|[0-9A-F]{20,}"?$)/.test(type),
      ),
  },
  {
    symbol: 'HIDDEN_TEXT',
    weight: 2,
    group: 'mime',
    why: 'has text that nobody sees',
    test: ({ content }) => content.texts.some(({ html }) => lettersOf(html?.hiddenText ?? '') > 200),
  },
  {
    symbol: 'R_WHITE_ON_WHITE',
    weight: 4,
    group: 'text',
    why: 'has text in the colour of its background',
    test: ({ content }) => content.texts.some(({ html }) => (html?.unseenText.length ?? 0) >= 30),
  },
  {
    symbol: 'HTML_FORM',
    weight: 1,
    group: 'mime',
    why: 'has a form to fill in',
    test: ({ content }) => content.texts.some(({ html }) => html?.hasForm),
  },
  {
    symbol: 'HTML_SCRIPT',
    weight: 1,
    group: 'mime',
    why: 'has a script',
    test: ({ content }) => content.texts.some(({ html }) => html?.hasScript),
  },
  {
    symbol: 'HTML_IFRAME',
    weight: 1,
    group: 'mime',
    why: 'embeds another page',
    test: ({ content }) => content.texts.some(({ html }) => html?.elements.has('iframe')),
  },
  {
    symbol: 'HTML_META_REFRESH_URL',
    weight: 5,
    group: 'mime',
    why: 'leads on to another page by itself',
    test: ({ content }) => content.texts.some(({ html }) => html?.refreshes),
  },
  {
    symbol: 'HTML_SHORT_LINK_IMG_1',
    weight: 2,
    group: 'mime',
    why: 'is a picture with a link and hardly any text',
    test: ({ content }) =>
      content.texts.some(
        ({ html }) =>
          html !== undefined &&
          html.images.length > 0 &&
          html.links.length > 0 &&
          html.text.trim().length < 256,
      ),
  },
  {
    symbol: 'R_EMPTY_IMAGE',
    weight: 2,
    group: 'mime',
    why: 'is a picture without any text',
    test: ({ content }) =>
      content.texts.some(
        ({ html }) => html !== undefined && html.images.length > 0 && html.text.trim().length < 50,
      ),
  },
  {
    symbol: 'TRACKING_PIXEL',
    weight: 0.3,
    group: 'mime',
    why: 'watches whether it is read',
    test: ({ content }) =>
      content.texts.some(({ html }) =>
        html?.images.some((source) => /[?&=].{12}/s.test(source.slice(source.lastIndexOf('/')))),
      ),
  },
  {
    symbol: 'PHISHING',
    weight: 4,
    group: 'links',
    why: 'shows another address than its link leads to',
    test: ({ content, from }) => content.links.some((link) => misleads(link, from)),
  },
  {
    symbol: 'HTTP_TO_IP',
    weight: 1,
    group: 'links',
    why: 'links to a number instead of a name',
    test: ({ content }) =>
      content.links.some(({ host }) => /^(?:\d{1,3}\.){3}\d{1,3}$|^\d{8,10}$|^0x/.test(host)),
  },
  {
    symbol: 'URL_HAS_USER',
    weight: 2,
    group: 'links',
    why: 'has a link that looks like another',
    test: ({ content }) => content.links.some(({ scheme, hasUser }) => scheme !== 'mailto' && hasUser),
  },
  {
    symbol: 'URL_ODD_PORT',
    weight: 1,
    group: 'links',
    why: 'links to an unusual port',
    test: ({ content }) => content.links.some(({ port }) => port !== '' && port !== '80' && port !== '443'),
  },
  {
    symbol: 'URL_SHORTENED',
    weight: 1,
    group: 'links',
    why: 'hides where its link leads',
    test: ({ content }) => content.links.some(({ host }) => shorteners.has(host)),
  },
  {
    symbol: 'HAS_FILE_URL',
    weight: 2,
    group: 'links',
    why: 'links to files of your computer',
    test: ({ content }) =>
      content.texts.some(({ html }) => html?.links.some(({ href }) => /^file:/i.test(href))),
  },
  {
    symbol: 'DATA_URI_OBFU',
    weight: 2,
    group: 'links',
    why: 'hides a page within a link',
    test: ({ content }) =>
      content.texts.some(({ html }) => html?.links.some(({ href }) => /^data:text\/html/i.test(href))),
  },
  {
    symbol: 'LINKS_ELSEWHERE',
    weight: 0.3,
    group: 'links',
    why: 'has no link to its sender, and others',
    test: linksElsewhere,
  },
  {
    symbol: 'URL_ONLY',
    weight: 2.2,
    group: 'links',
    why: 'is hardly more than a link',
    test: ({ content }) => {
      const length = content.texts.reduce((sum, { text }) => sum + text.trim().length, 0)
      return (
        content.links.length > 0 &&
        content.links.length < 4 &&
        length < 120 &&
        content.attachments.length === 0
      )
    },
  },
]

/** Newsletters fill up their previews with blanks of all kinds. */
const lettersOf = (text: string): number => text.replace(/[^\p{L}\p{N}]+/gu, '').length

const shorteners = new Set(
  'bit.ly buff.ly cutt.ly goo.gl is.gd ow.ly rb.gy rebrand.ly s.id shorturl.at t.ly tiny.cc tinyurl.com v.gd'.split(
    ' ',
  ),
)

/** A sender's own name over the link of whom he pays for counting is usual; who he is, is for DMARC to say. */
function misleads(
  { host, label, scheme }: Evidence['content']['links'][number],
  from: Evidence['from'],
): boolean {
  if (label === undefined || scheme === 'mailto' || host === '') return false
  const shown = /^\s*(?:https?:\/\/)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/:?\s]|$)/i.exec(
    label.slice(0, 300),
  )?.[1]
  if (shown === undefined || registeredPart(shown) === registeredPart(host)) return false
  return !from.some(({ domain }) => registeredPart(domain) === registeredPart(shown))
}

function linksElsewhere({ content, from }: Evidence): boolean {
  const hosts = content.links.filter(({ scheme, host }) => scheme !== 'mailto' && host !== '')
  return (
    hosts.length > 0 &&
    from.length > 0 &&
    !hosts.some(({ host }) => from.some(({ domain }) => registeredPart(domain) === registeredPart(host)))
  )
}

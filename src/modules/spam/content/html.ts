import { readEntities, singleBlanks } from '../../../lib/mime/html-text.ts'
import { blankPage, isUnseen, type Page, pageOf } from './colours.ts'

/** What a filter wants to know of HTML. Text is what a person sees; what is made invisible stands apart. */
export interface HtmlContent {
  readonly text: string
  readonly hiddenText: string
  /** Letters in the colour of what they stand on, up to `longestLabel` of them; they are in `hiddenText` too. */
  readonly unseenText: string
  readonly links: readonly HtmlLink[]
  readonly images: readonly string[]
  /** How often each element is opened. */
  readonly elements: ReadonlyMap<string, number>
  /** Colours of text and background that were named, lower case. */
  readonly colours: ReadonlySet<string>
  readonly hasForm: boolean
  readonly hasScript: boolean
  /** Leads on to another page by itself. */
  readonly refreshes: boolean
}

interface HtmlLink {
  readonly href: string
  /** What a person reads there, up to `longestLabel` characters. */
  readonly label: string
}

/** Limits of one part: what comes behind them is not looked at. */
const mostText = 200_000
/** What a tag or a piece of text takes of it at least. */
const leastRoom = 16
const longestTag = 8192
const mostLinks = 1000
const mostImages = 200
const longestLabel = 200
const longestHref = 2048
const deepest = 64

const silent = new Set(['style', 'script', 'title', 'template', 'head'])
const ofHead = new Set('head meta link base style script title template noscript html'.split(' '))
const inline = new Set(
  'a abbr b big code del em font i ins mark s small span strike strong sub sup tt u'.split(' '),
)
const empty = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))

/** One pass over the octets, whatever they are: unclosed tags, tags inside tags, no end. */
export function readHtml(html: string): HtmlContent {
  const reader = new HtmlReader(/<style|<link/i.test(html))
  let at = 0
  while (at < html.length && reader.hasRoom) {
    const open = html.indexOf('<', at)
    if (open < 0) {
      reader.text(html.slice(at))
      break
    }
    if (open > at) reader.text(html.slice(at, open))
    at = readTag(html, open, reader)
  }
  return reader.end()
}

const tagStart = /<(\/?)([a-z][a-z0-9:-]{0,30})/iy

/** Where to go on. */
function readTag(html: string, open: number, reader: HtmlReader): number {
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4)
  tagStart.lastIndex = open
  const match = tagStart.exec(html)
  if (!match) {
    const next = html.charAt(open + 1)
    if (next === '!' || next === '?' || next === '/') return after(html, '>', open)
    reader.text('<')
    return open + 1
  }
  const name = (match[2] ?? '').toLowerCase()
  const end = tagEnd(html, tagStart.lastIndex)
  if (match[1] !== '') {
    reader.close(name)
    return end
  }
  reader.open(name, html.slice(tagStart.lastIndex, Math.min(end - 1, tagStart.lastIndex + longestTag)))
  return silent.has(name) && name !== 'head' ? silentEnd(html, name, end) : end
}

/** A `>` within quotes does not end a tag. */
function tagEnd(html: string, from: number): number {
  const farthest = Math.min(html.length, from + longestTag)
  let quote = ''
  for (let at = from; at < farthest; at++) {
    const char = html.charAt(at)
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === '>') return at + 1
    else if ((char === '"' || char === "'") && html.charAt(at - 1) === '=') quote = char
  }
  return after(html, '>', from)
}

function silentEnd(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}`, 'gi')
  close.lastIndex = from
  const match = close.exec(html)
  return match ? after(html, '>', match.index) : html.length
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from)
  return at < 0 ? html.length : at + mark.length
}

const attribute = /([a-z][a-z0-9-]{0,30})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi
// Not `line-height`, `min-width`, `border-width`: they hide nothing.
const invisible =
  /display\s*:\s*none|visibility\s*:\s*hidden|(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)/i
const fontSize = /(?:^|[;\s])font-size\s*:\s*([\w.%]{1,20})/i
const noSize = /^0*\.?0*(?:px|pt|em|rem|%)?$/i
const colourStyle = /(?:^|[;\s-])color\s*:\s*([#a-z0-9(),]{3,20})/gi

interface Open {
  readonly name: string
  readonly hides: boolean
  readonly tiny: boolean
  readonly page: Page
}

class HtmlReader {
  #text: string[] = []
  #hidden: string[] = []
  #unseen = ''
  #length = 0
  readonly #links: { href: string; label: string }[] = []
  readonly #images: string[] = []
  readonly #elements = new Map<string, number>()
  readonly #colours = new Set<string>()
  /** Open elements. */
  readonly #stack: Open[] = []
  /** Elements may get their colours from elsewhere. */
  readonly #isStyled: boolean
  #hiding = 0
  #refreshes = false
  #inHead = false
  #link: { href: string; label: string } | undefined

  constructor(isStyled: boolean) {
    this.#isStyled = isStyled
  }

  get hasRoom(): boolean {
    return this.#length < mostText
  }

  text(raw: string): void {
    const text = singleBlanks(readEntities(raw))
    this.#length += text.length + leastRoom
    const isHidden = this.#hiding > 0 || this.#stack.at(-1)?.tiny === true
    // What a newsletter hides on purpose is often white too.
    const isFaint = !isHidden && isUnseen(this.#page)
    if (isFaint && this.#unseen.length < longestLabel) this.#unseen += text.trim()
    if (isHidden || isFaint) this.#hidden.push(text)
    else {
      this.#text.push(text)
      if (this.#link && this.#link.label.length < longestLabel) this.#link.label += text
    }
  }

  open(name: string, attributes: string): void {
    this.#elements.set(name, (this.#elements.get(name) ?? 0) + 1)
    this.#length += leastRoom
    if (!inline.has(name)) this.#text.push(' ')
    if (name === 'meta' && /http-equiv\s*=\s*["']?refresh/i.test(attributes))
      this.#refreshes ||= /url\s*=/i.test(attributes)
    if (!ofHead.has(name)) this.#endHead()
    const seen = this.#readAttributes(name, attributes)
    const page = pageOf(seen.named, this.#page, this.#isStyled)
    const hides = seen.hides || name === 'head'
    // A size of 0 is overridden further in, as many programs for newsletters do for every cell.
    const tiny = seen.size === undefined ? this.#stack.at(-1)?.tiny === true : noSize.test(seen.size)
    if (empty.has(name) || (silent.has(name) && name !== 'head')) return
    if (this.#stack.length >= deepest) return
    this.#stack.push({ name, hides, tiny, page })
    this.#inHead ||= name === 'head'
    if (hides) this.#hiding++
  }

  get #page(): Page {
    return this.#stack.at(-1)?.page ?? blankPage
  }

  close(name: string): void {
    this.#length += leastRoom
    if (!inline.has(name)) this.#text.push(' ')
    if (name === 'a') this.#endLink()
    if (name === 'head') this.#inHead = false
    const at = this.#stack.findLastIndex((one) => one.name === name)
    if (at < 0) return
    for (const { hides } of this.#stack.splice(at)) if (hides) this.#hiding--
  }

  /** Its end may be left out: the first thing to be seen ends it. */
  #endHead(): void {
    if (this.#inHead) this.close('head')
  }

  end(): HtmlContent {
    this.#endLink()
    return {
      text: this.#text.join(''),
      hiddenText: this.#hidden.join(' ').trim(),
      unseenText: this.#unseen,
      links: this.#links,
      images: this.#images,
      elements: this.#elements,
      colours: this.#colours,
      hasForm: this.#elements.has('form') || this.#elements.has('input'),
      hasScript: this.#elements.has('script'),
      refreshes: this.#refreshes,
    }
  }

  /** Whether the element hides what is inside, and the size of letters it asks for. */
  #readAttributes(
    name: string,
    attributes: string,
  ): { hides: boolean; size: string | undefined; named: Map<string, string> } {
    const named = new Map<string, string>()
    let hides = false
    let size: string | undefined
    for (const [, key = '', one, two, bare] of attributes.matchAll(attribute)) {
      const value = one ?? two ?? bare ?? ''
      setFirst(named, key.toLowerCase(), value)
      switch (key.toLowerCase()) {
        case 'href':
          if (name === 'a' || name === 'area') this.#startLink(value)
          break
        case 'src':
          if (name === 'img' && this.#images.length < mostImages)
            this.#images.push(value.slice(0, longestHref))
          break
        case 'style':
          hides ||= invisible.test(value)
          size = fontSize.exec(value)?.[1]
          for (const [, colour = ''] of value.matchAll(colourStyle)) this.#colours.add(colour.toLowerCase())
          break
        case 'color':
        case 'bgcolor':
          this.#colours.add(value.toLowerCase().slice(0, 20))
          break
        case 'hidden':
          hides = true
      }
    }
    return { hides, size, named }
  }

  #startLink(href: string): void {
    this.#endLink()
    this.#link = { href: readEntities(href).trim().slice(0, longestHref), label: '' }
  }

  #endLink(): void {
    const link = this.#link
    this.#link = undefined
    if (link && this.#links.length < mostLinks)
      this.#links.push({ href: link.href, label: link.label.trim() })
  }
}

/** As browsers read an attribute that stands twice. */
function setFirst(named: Map<string, string>, key: string, value: string): void {
  if (!named.has(key)) named.set(key, value)
}

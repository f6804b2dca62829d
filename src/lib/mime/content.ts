import { fieldsByName, type Header, rawValue, readable } from './header.ts'
import { type Attribute, type AttributeList, attributeText, readAttributes } from './parameters.ts'

/** What the Content fields of an entity say (RFC 2045, RFC 2183, RFC 3282, RFC 2557, RFC 1864). */
export interface Content {
  /** Lower case. */
  readonly type: string
  readonly subtype: string
  readonly attributes: readonly Attribute[]
  /** Of a multipart, one character per octet. */
  readonly boundary: string | undefined
  readonly encoding: string
  readonly charset: string | undefined
  readonly name: string | undefined
  readonly id: string | undefined
  readonly description: string | undefined
  readonly disposition: AttributeList | undefined
  readonly languages: readonly string[]
  readonly location: string | undefined
  readonly md5: string | undefined
}

/** RFC 2046 §5.1.1 allows 70; some write more. */
const longestBoundary = 200

const asciiText: readonly Attribute[] = [{ name: 'charset', value: 'us-ascii', extended: false }]

/** What RFC 2045 §5.2 assumes when nothing is said. */
export const plainContent: Content = contentOf(media('text', 'plain', asciiText))

/** Of octets about which nothing can be said. */
export const opaqueContent: Content = contentOf(media('application', 'octet-stream', []))

function contentOf(type: Media): Content {
  return {
    ...type,
    encoding: '7bit',
    charset: undefined,
    name: undefined,
    id: undefined,
    description: undefined,
    disposition: undefined,
    languages: [],
    location: undefined,
    md5: undefined,
  }
}

/** `inDigest`: RFC 2046 §5.1.5, where a part without a type is a message. */
export function readContent(header: Header, inDigest: boolean): Content {
  const fields = fieldsByName(header)
  const raw = (name: string) => {
    const field = fields.get(name)
    return field === undefined ? undefined : rawValue(header, field)
  }
  const text = (name: string) => readable(raw(name) ?? '') || undefined
  const media = readMedia(raw('content-type'), inDigest)
  const disposition = raw('content-disposition')
  const dispositionList = disposition ? readAttributes(disposition) : undefined
  return {
    ...media,
    encoding: (raw('content-transfer-encoding') ?? '').replace(/[\s;("].*$/s, '').toLowerCase() || '7bit',
    charset:
      media.attributes === asciiText
        ? undefined
        : attribute(media.attributes, 'charset')?.toLowerCase() || undefined,
    name:
      attribute(dispositionList?.attributes ?? [], 'filename') ||
      attribute(media.attributes, 'name') ||
      undefined,
    id: text('content-id'),
    description: text('content-description'),
    disposition: dispositionList?.value ? dispositionList : undefined,
    languages: (raw('content-language') ?? '')
      .split(/[\s,]+/)
      .filter((tag) => /^[A-Za-z0-9-]{1,64}$/.test(tag)),
    location: text('content-location')?.replace(/\s+/g, ''),
    md5: text('content-md5'),
  }
}

type Media = Pick<Content, 'type' | 'subtype' | 'attributes' | 'boundary'>

function readMedia(field: string | undefined, inDigest: boolean): Media {
  if (!field) return inDigest ? media('message', 'rfc822', []) : media('text', 'plain', asciiText)
  const { value, attributes } = readAttributes(field)
  const [type = '', subtype = ''] = value.toLowerCase().split('/', 2)
  // RFC 2045 §5.2: a type that makes no sense is plain text
  if (!type || !subtype) return media('text', 'plain', type === 'text' ? attributes : asciiText)
  if (type !== 'multipart') return media(type, subtype, attributes)
  const boundary = attributes.find(({ name }) => name === 'boundary')?.value.trimEnd() ?? ''
  const usable = boundary !== '' && boundary.length <= longestBoundary
  // without a boundary there are no parts, and a person should still see the text
  return usable ? { type, subtype, attributes, boundary } : media('text', 'plain', asciiText)
}

function media(type: string, subtype: string, attributes: readonly Attribute[]): Media {
  return { type, subtype, attributes, boundary: undefined }
}

function attribute(attributes: readonly Attribute[], name: string): string | undefined {
  const found = attributes.find((one) => one.name === name)
  return found === undefined ? undefined : attributeText(found).trim()
}

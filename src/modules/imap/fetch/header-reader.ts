import { fieldDropper, fieldPicker } from '../../../lib/mime/header.ts'
import { listFieldPicker } from '../../../lib/mime/list-fields.ts'
import type { FetchItem, Partial } from '../wire/fetch-items.ts'
import { cut } from './partial.ts'

/** HEADER, or the fields of it that are asked for with the empty line behind them. RFC 9051 §6.4.5.1. */
export function headerReader({
  fields,
  partial,
}: Extract<FetchItem, { kind: 'section' }>): (header: string) => string {
  if (!fields) return (header) => slice(header, partial)
  const select = fields.keep ? fieldPicker(fields.names) : fieldDropper(fields.names)
  return (header) => slice(select(header), partial)
}

/** The same out of the short fields that the store keeps apart; undefined where it takes more than these. */
export function listFieldReader({
  fields,
  partial,
}: Extract<FetchItem, { kind: 'section' }>): ((listFields: string) => string) | undefined {
  const pick = fields?.keep ? listFieldPicker(fields.names) : undefined
  return pick && ((listFields) => slice(pick(listFields), partial))
}

function slice(text: string, partial: Partial | undefined): string {
  if (!partial) return text
  const { from, to } = cut(0, text.length, partial)
  return text.slice(from, to)
}

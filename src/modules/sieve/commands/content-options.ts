import { type ParameterValue, parseParameters } from '../../../lib/mime/parameters.ts'
import type { Option } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'

/** What `:type`, `:subtype`, `:contenttype` and `:param` see of a field. RFC 5703 §4.2. */
export function contentOption(
  option: Option,
  name: string,
  fields: readonly string[],
  machine: Machine,
): readonly string[] {
  if (option.tag === 'param') {
    const wanted = machine.texts(option.value).map((parameter) => parameter.toLowerCase())
    return fields.flatMap((text) => {
      const { parameters } = parseParameters(text)
      return wanted.flatMap((parameter) => parameters.get(parameter) ?? [])
    })
  }
  const pick = pickers[name.toLowerCase()]
  return fields.flatMap((text) => (pick === undefined ? [''] : pick(parseParameters(text), option.tag)))
}

const pickers: Readonly<Record<string, (field: ParameterValue, tag: string) => string[]>> = {
  'content-type': ({ value }, tag) => {
    const [type = '', subtype = ''] = value.trim().split('/')
    if (type === '' || subtype === '') return tag === 'subtype' ? [''] : []
    return [{ type, subtype }[tag] ?? `${type}/${subtype}`]
  },
  'content-disposition': ({ value }, tag) => [tag === 'subtype' ? '' : value.trim()],
}

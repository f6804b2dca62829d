import { html } from 'hono/html'
import type { z } from 'zod'
import { type Content, type Frame, page } from '../site/page.ts'
import { pathOf, schemaOf } from './document.ts'
import type { Operation } from './operation.ts'
import { operations } from './table.ts'

/** What was tried, and what came of it. */
export interface Tried {
  readonly request: string
  readonly status: number
  readonly answer: string
}

/** What the API does, and forms that try it. `path` is WEB_API. Without scripts: the server asks itself. */
export function apiPage(frame: Frame, path: string, tried: Tried | undefined) {
  const { t } = frame
  const areas = [...new Set(operations.map(({ area }) => area))]
  const content = html`${tried ? triedPart(frame, tried) : ''}
      <p>${t('api.what')} <a href="${path}/v1/openapi.json">openapi.json</a></p>
      ${areas.map(
        (area) => html`<h2>${area}</h2>
      <div class="panel">${operations.filter((each) => each.area === area).map((each) => part(frame, path, each))}
      </div>`,
      )}`
  return page(frame, t('api.title'), content)
}

const triedPart = ({ t }: Frame, { request, status, answer }: Tried) =>
  html`<h2>${t('api.answer')}</h2>
      <div class="panel">
        <p><code>${request}</code></p>
        <p>${status}</p>
        <pre class="code" role="region" aria-label="${t('api.answer')}" tabindex="0">${readable(answer)}</pre>
      </div>`

const mostShown = 100_000

/** A long list is for programs. */
function readable(answer: string): string {
  if (answer.length > mostShown) return `${answer.slice(0, mostShown)} …`
  try {
    return JSON.stringify(JSON.parse(answer), undefined, 2)
  } catch {
    return answer
  }
}

function part({ t }: Frame, path: string, operation: Operation): Content {
  const { method, summary, params, query, body, by } = operation
  const field = (kind: 'param' | 'query') => (name: string) =>
    html`<label>${name} <input name="${kind}.${name}" autocomplete="off"></label>`
  return html`
        <details>
          <summary><code>${method.toUpperCase()} ${path}${pathOf(operation)}</code> ${summary}</summary>
          <form method="post" action="${path}/v1/">
            <input type="hidden" name="operation" value="${nameOf(operation)}">
            ${Object.keys(params).map(field('param'))}
            ${Object.keys(query).map(field('query'))}
            ${body ? bodyField(body) : ''}
            <label>${by === 'person' ? t('api.person-token') : t('api.token')}
              <input type="password" name="token" autocomplete="off"></label>
            <button>${t('api.try')}</button>
          </form>
        </details>`
}

function bodyField(body: z.ZodType): Content {
  const schema = schemaOf(body, 'input')
  const fields = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Property>>)
  const required = (schema['required'] ?? []) as readonly string[]
  const example = Object.fromEntries(
    fields.filter(([name]) => required.includes(name)).map(([name, property]) => [name, exampleOf(property)]),
  )
  return html`<label>JSON
              <textarea class="code" name="body" rows="5" spellcheck="false">
${JSON.stringify(example, undefined, 2)}</textarea></label>
            <ul class="hint">${fields.map(
              ([name, { type, description }]) =>
                html`<li><code>${name}</code> ${type ?? ''} ${description ?? ''}</li>`,
            )}</ul>`
}

interface Property {
  readonly type?: string
  readonly description?: string
  readonly example?: unknown
  readonly items?: Property
}

const examples: Readonly<Record<string, unknown>> = { boolean: false, integer: 0, array: [] }

function exampleOf({ type = '', example, items }: Property): unknown {
  if (example !== undefined) return example
  return items?.example === undefined ? (examples[type] ?? '') : [items.example]
}

const nameOf = ({ method, path }: Operation) => `${method} ${path}`

/** The request that a form of the page means; undefined where it means none. `base` is the address of WEB_API. */
export function requestOf(field: (name: string) => string, base: string): Request | undefined {
  const operation = operations.find((each) => nameOf(each) === field('operation'))
  if (!operation) return undefined
  const filled = pathOf(operation).replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(field(`param.${name}`)),
  )
  const url = new URL(`${base}${filled}`)
  for (const name of Object.keys(operation.query)) {
    const value = field(`query.${name}`)
    if (value !== '') url.searchParams.set(name, value)
  }
  const headers = new Headers({ 'Content-Type': 'application/json' })
  // A header is a line of Latin letters; what is none is no token either.
  const token = field('token')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
  if (token !== '') headers.set(operation.by === 'person' ? 'Authentication' : 'Authorization', token)
  const body = operation.body ? { body: field('body') } : {}
  return new Request(url, { method: operation.method.toUpperCase(), headers, ...body })
}

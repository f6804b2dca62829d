import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

type Content = string | ReturnType<typeof html>

const style = `
:root { color-scheme: light dark; font: 100%/1.55 system-ui, sans-serif }
body { max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem }
h1 { font-size: 1.7rem; line-height: 1.2 }
h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding-bottom: .5rem }
th, td { text-align: left; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid GrayText }
code { font: .95em ui-monospace, monospace; overflow-wrap: anywhere }
.wide { overflow-x: auto }
`

/** What the Content-Security-Policy says of the one style there is. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** The frame of every page: no script, nothing from elsewhere. */
export function page(title: string, content: Content) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>${raw(style)}</style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${typeof content === 'string' ? html`<p>${content}</p>` : content}
    </main>
  </body>
</html>
`
}

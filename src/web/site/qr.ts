import { html, raw } from 'hono/html'
import type { Content } from './page.ts'

/** A picture of a text for a camera: dark on light in either mode, since some cameras read no other. */
export async function qr(text: string, label: string): Promise<Content> {
  const { renderSVG } = await import('uqr')
  return html`<div class="qr" role="img" aria-label="${label}">${raw(renderSVG(text, { border: 3, ecc: 'L', pixelSize: 1 }))}</div>`
}

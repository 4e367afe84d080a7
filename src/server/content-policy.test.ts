import { expect, test } from 'vitest'
import { contentPolicy, inlineScripts } from './content-policy.ts'

test('finds what a browser would run, and nothing else', () => {
  const html = `
    <script>one()</script>
    <script type="module">
two()</script>
    <script src="/x.js"></script>
    <SCRIPT is:inline data-astro-rerun>three()</SCRIPT >
    <script type="application/ld+json">{"a": 1}</script>
    <script type="speculationrules">{}</script>
    <script data-src="no">four()</script>`
  expect(inlineScripts(html)).toEqual(['one()', '\ntwo()', 'three()', '{}', 'four()'])
})

test('allows these scripts by their hash and no other inline code', () => {
  const policy = contentPolicy(['abc='])
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval' 'sha256-abc='")
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
  expect(policy).toContain("frame-ancestors 'none'")
})

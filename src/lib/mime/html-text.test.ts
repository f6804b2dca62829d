import { expect, test } from 'vitest'
import { htmlText } from './html-text.ts'

test.each([
  ['<p>Hello <b>w</b>orld</p><p>next', ' Hello world  next'],
  ['<html><head><title>T</title><style>p{color:red}</style></head><body>text', '      text'],
  ['<script>if (a < b) alert("</p>")</script>text', ' text'],
  ['a<!-- no <b> -->b', 'ab'],
  ['<!DOCTYPE html>a', 'a'],
  ['1 < 2 &amp; 3 &gt; 2 &#8364; &#x20ac; &euro; &unknown;', '1 < 2 & 3 > 2 € € € &unknown;'],
  ['&#0;&#xd800;&#x110000;a', '   a'],
  ['<a href="x">link</a>', 'link'],
  ['&Ouml;&ouml;&frac12;&alpha;&Omega;&scaron;&AMP;&shy;', 'Öö½αΩš&'],
  ['<p never closed', ' '],
  ['<style>never closed', ' '],
])('%j says %j', (html, text) => {
  expect(htmlText(html, 1000)).toBe(text)
})

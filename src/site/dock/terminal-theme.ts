/** The terminal's colours, from the page's tokens where there are any. */
import type { ITheme } from '@xterm/xterm'

const ANSI = {
  black: '#14171c',
  red: '#ff8a65',
  green: '#6fdb9c',
  yellow: '#f2c14e',
  blue: '#7fc4ff',
  magenta: '#c3a6ff',
  cyan: '#6fd6d6',
  white: '#d8dee6',
  brightBlack: '#8b95a1',
  brightRed: '#ffab91',
  brightGreen: '#9be8bb',
  brightYellow: '#f7d47f',
  brightBlue: '#a9d8ff',
  brightMagenta: '#dccbff',
  brightCyan: '#a1e6e6',
  brightWhite: '#ffffff',
} as const satisfies ITheme

export function terminalTheme(): ITheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ...ANSI,
    background: token('--term-panel'),
    foreground: token('--term-ink'),
    cursor: token('--term-ink'),
    selectionBackground: '#4a5b78',
  }
}

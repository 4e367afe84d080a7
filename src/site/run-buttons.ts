/**
 * Expressive Code plugin: ```` ```bash run ```` gets a button that runs the block in the lab's
 * workstation, `run="cp-1"` on that node; `paste` types it without Enter. The dock reads the
 * button's `data-run-*` through one delegated listener, so the page works without it.
 */
import { definePlugin } from '@astrojs/starlight/expressive-code'
import { h } from '@astrojs/starlight/expressive-code/hast'
import { NEWLINE_MARK } from './newline-mark.ts'

interface RunTarget {
  readonly node: string
  readonly enter: boolean
}

export function runButtons() {
  const targets = new WeakMap<object, RunTarget>()
  return definePlugin({
    name: 'halab run buttons',
    hooks: {
      preprocessMetadata: ({ codeBlock }) => {
        const meta = codeBlock.metaOptions
        const named = meta.getString('run') ?? meta.getString('paste')
        const paste = meta.getBoolean('paste') ?? meta.getString('paste') !== undefined
        if (named === undefined && !paste && !meta.getBoolean('run')) return
        targets.set(codeBlock, { node: named ?? 'workstation', enter: !paste })
      },
      postprocessRenderedBlock: ({ codeBlock, renderData }) => {
        const target = targets.get(codeBlock)
        if (!target) return
        const label = `${target.enter ? 'Run' : 'Paste'} in ${target.node}`
        renderData.blockAst = h('div.run-block', [
          h('div.run-bar', [
            h('span.run-where', target.node),
            h(
              'button.run-button',
              {
                type: 'button',
                'data-run-target': target.node,
                'data-run-enter': String(target.enter),
                'data-run-code': commandsOnly(codeBlock.code).replaceAll('\n', NEWLINE_MARK),
              },
              [label, h('span', { ariaHidden: 'true' }, target.enter ? ' ↵' : ' ⇥')],
            ),
          ]),
          renderData.blockAst,
        ])
      },
    },
  })
}

/** Comment lines explain to the reader; the shell need not see them. */
function commandsOnly(code: string): string {
  return code
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .trim()
}

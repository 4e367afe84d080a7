// @ts-check
import { existsSync, readdirSync } from 'node:fs'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import { modules } from './src/site/modules.ts'
import { runButtons } from './src/site/run-buttons.ts'

const override = (/** @type {string} */ name) => `./src/site/overrides/${name}.astro`

/** Only modules that have lessons are shown: Starlight would draw an empty group otherwise. */
const hasLessons = (/** @type {string} */ directory) =>
  existsSync(directory) && readdirSync(directory).some((name) => /\.mdx?$/.test(name))

export default defineConfig({
  srcDir: './src/site',
  publicDir: './src/site/public',
  devToolbar: { enabled: false },
  trailingSlash: 'always',
  build: { inlineStylesheets: 'never' },
  integrations: [
    starlight({
      title: 'halab',
      description:
        'A course in Kubernetes high availability that you learn by breaking real control planes in the browser.',
      favicon: '/favicon.svg',
      customCss: [
        '@fontsource-variable/inter/wght.css',
        '@fontsource-variable/jetbrains-mono/wght.css',
        './src/site/styles/tokens.css',
        './src/site/styles/course.css',
        './src/site/styles/lesson.css',
        './src/site/styles/dock.css',
      ],
      components: {
        Head: override('Head'),
        Header: override('Header'),
        Hero: override('Hero'),
        PageFrame: override('PageFrame'),
        PageTitle: override('PageTitle'),
        Search: override('Search'),
        SiteTitle: override('SiteTitle'),
      },
      routeMiddleware: './src/site/route-data.ts',
      sidebar: modules
        .filter(({ id }) => hasLessons(`./content/${id}`))
        .map(({ id, label }) => ({
          label,
          items: [{ autogenerate: { directory: `content/${id}` } }],
        })),
      expressiveCode: {
        plugins: [runButtons()],
        themes: ['github-dark-default'],
        defaultProps: {
          wrap: true,
          overridesByLang: { 'bash,sh,shell,console': { frame: 'none' } },
        },
        styleOverrides: {
          borderRadius: '9px',
          borderColor: 'transparent',
          codeBackground: 'var(--term)',
          codeFontFamily: 'var(--mono)',
          codeFontSize: '0.8125rem',
          codeLineHeight: '1.6',
          codePaddingInline: '0.9rem',
          codePaddingBlock: '0.7rem',
          uiFontFamily: 'var(--sans)',
          frames: { frameBoxShadowCssValue: 'none', editorBackground: 'var(--term)' },
        },
      },
      lastUpdated: false,
      credits: false,
    }),
  ],
})

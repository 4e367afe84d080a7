/**
 * Style sheets of chunks that load on demand. As text in the chunk: Astro would link a plain import
 * from every page, and the router drops links that the next page's head does not have.
 */
export function adoptStyles(css: string) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets.push(sheet)
}

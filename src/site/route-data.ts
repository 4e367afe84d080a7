/** A lesson with a lab has the dock beside it: no table of contents competes with it. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data'

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const route = locals.starlightRoute
  if ('lab' in route.entry.data && route.entry.data.lab) route.toc = undefined
})

import { docsSchema } from '@astrojs/starlight/schema'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'
import { defineCollection } from 'astro:content'

/** What a lesson's front matter carries beyond Starlight's own fields. */
const lesson = z.object({
  lab: z.string().optional().describe('Id of the lab that runs beside the lesson.'),
  module: z.string().optional().describe('Folder of the module; the path decides when absent.'),
  minutes: z.number().int().positive().optional().describe('How long a reader takes.'),
  objectives: z.array(z.string()).optional().describe('What one can do afterwards.'),
})

export const collections = {
  docs: defineCollection({
    loader: glob({ base: './content', pattern: '**/*.{md,mdx}' }),
    schema: docsSchema({ extend: lesson }),
  }),
}

/** When and where one row of a result file was measured; the file's own machine is only that of its latest row. */
import { z } from 'zod';

export const measuredSchema = z.object({ date: z.string(), commit: z.string(), cpu: z.string().optional() });

export const occasion = ({ date, commit, cpu }: z.infer<typeof measuredSchema>) =>
  [date, commit, ...(cpu === undefined ? [] : [cpu])].join(', ');

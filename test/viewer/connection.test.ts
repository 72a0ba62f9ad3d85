import { onTestFinished, test } from 'vitest';
import { pageDirectory } from '../../src/viewer/server/build-page.ts';
import { ViewerServer } from '../../src/viewer/server/server.ts';
import { BROWSER, launch, openPage } from './browser.ts';

test.skipIf(BROWSER === null)('a page says that a server started again at its port needs a new address', async () => {
  const page = await pageDirectory();
  const first = await ViewerServer.start({ page });
  const browser = await launch();
  onTestFinished(() => browser.close());
  const opened = await openPage(browser, first.url);
  await opened.page.locator('#link[data-state=connected]').waitFor();
  const { port } = first;
  // Like one that was killed, it says no goodbye.
  await first.close();
  await opened.page.locator('#link[data-state=lost]').waitFor();
  const second = await ViewerServer.start({ page, port });
  onTestFinished(() => second.close());
  await opened.page.getByText('open the address it printed').waitFor();
});

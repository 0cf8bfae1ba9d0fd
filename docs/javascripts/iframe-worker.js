/* Browsers start no worker for a page that was opened from the disk. A hidden frame takes its place
   there, so that the search works without a server. */
if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.ready = new Promise(resolve => { this.inside.started = resolve; });
      this.inside.answer = data => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      };
      const page = this.inside.document;
      page.open();
      page.write("<script>function postMessage(data) { answer(data) }<\/script>");
      page.write(`<script src="${address}" onload="started()"><\/script>`);
      page.close();
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}

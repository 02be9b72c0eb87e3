/// The page's own style and script: part of it, so that it needs no other file.
enum PageStyle {
  static let style: StaticString = """
    <style>
    :root { --ink: #23272e; --soft: #6b7280; --line: #e1e4e9; --accent: #2f6fd0; }
    body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f7f9; }
    header { background: #fff; border-bottom: 1px solid var(--line); padding: 20px 32px; }
    h1 { margin: 0 0 12px; font-size: 24px; }
    h2 { margin: 0; font-size: 20px; }
    h3 { margin: 24px 0 8px; font-size: 15px; }
    .facts { display: flex; flex-wrap: wrap; gap: 28px; }
    .facts b { display: block; font-size: 17px; }
    .facts span, .note { color: var(--soft); font-size: 12px; }
    nav { margin-top: 16px; display: flex; flex-wrap: wrap; gap: 16px; }
    a { color: var(--accent); text-decoration: none; }
    a:hover { text-decoration: underline; }
    main { padding: 24px 32px; }
    section { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 20px 24px; margin-bottom: 24px; }
    h1, h2, .types, summary, nav a { overflow-wrap: anywhere; }
    .scroll { overflow-x: auto; max-width: 100%; }
    .types { margin: 4px 0 0; color: var(--soft); font-family: ui-monospace, monospace; font-size: 13px; }
    details { margin: 4px 0; }
    .layers details { border-left: 3px solid var(--line); padding-left: 10px; }
    summary { cursor: pointer; padding: 3px 0; }
    summary .note { margin-left: 10px; }
    table { border-collapse: collapse; font-size: 13px; margin: 6px 0 12px; }
    th { text-align: left; color: var(--soft); font-weight: 500; }
    th, td { padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    td { font-family: ui-monospace, monospace; font-size: 12px; }
    tr:target, :target { background: #fff3c4; }
    .number { color: var(--soft); }
    .wide { min-width: 170px; }
    .bar { position: relative; min-width: 120px; }
    .bar i { position: absolute; left: 0; top: 2px; bottom: 2px; background: #cfe0fa; border-radius: 2px; }
    .bar span { position: relative; padding-left: 4px; }
    svg { display: block; width: 100%; min-width: 960px; max-width: 1200px; height: auto; }
    svg .note { fill: var(--soft); }
    svg .strong { font-weight: 600; }
    .kernel { cursor: default; }
    .near .edge { opacity: 0.25; }
    .near .edge.on { opacity: 1; stroke: var(--accent); stroke-width: 2; }
    .near .kernel { opacity: 0.45; }
    .near .kernel.on { opacity: 1; }
    .buffer:hover rect { fill: #fde5cc; stroke: #e07b1f; }
    @media (max-width: 700px) {
      header { padding: 16px; }
      main { padding: 12px 8px; }
      section { padding: 14px 12px; margin-bottom: 12px; }
      .facts { gap: 14px 22px; }
      .facts b { font-size: 15px; }
      .layers details { padding-left: 6px; }
      nav a, summary { padding: 6px 0; }
    }
    </style>
    """

  /// Shows what a kernel reads from and hands on to, and opens the boxes around an operation that a link leads to.
  static let script: StaticString = """
    <script>
    for (const drawing of document.querySelectorAll("svg.kernels")) {
      const kernels = [...drawing.querySelectorAll(".kernel")], edges = [...drawing.querySelectorAll(".edge")];
      for (const kernel of kernels) {
        const own = kernel.dataset.kernel;
        kernel.addEventListener("mouseenter", () => {
          const near = new Set([own]);
          for (const edge of edges) {
            const on = edge.dataset.from === own || edge.dataset.to === own;
            edge.classList.toggle("on", on);
            if (on) { near.add(edge.dataset.from); near.add(edge.dataset.to); }
          }
          for (const other of kernels) other.classList.toggle("on", near.has(other.dataset.kernel));
          drawing.classList.add("near");
        });
        kernel.addEventListener("mouseleave", () => drawing.classList.remove("near"));
      }
    }
    const reveal = () => {
      let place = document.getElementById(location.hash.slice(1));
      for (let box = place; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
      if (place) place.scrollIntoView({ block: "center" });
    };
    addEventListener("hashchange", reveal);
    reveal();
    </script>
    """
}

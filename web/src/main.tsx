import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import { createApp } from "./session/app";
import { App } from "./ui/App";
import { drawByFrame } from "./ui/frames";

const root = document.getElementById("app");
if (root === null) {
  throw new Error("index.html has no element #app");
}
drawByFrame();
render(<App app={createApp()} />, root);

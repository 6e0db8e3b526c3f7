import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one node: NodeLauncher HOME CONFIG_FOLDER. The settings stand in CONFIG_FOLDER/elasticsearch.yml.
 *
 * <p>The node lives as long as its standard input stays open: when the process that started it ends, however it ends,
 * the pipe closes and the node goes too.
 */
public final class NodeLauncher {
  private static final int PARENT_IS_GONE = 3;

  private NodeLauncher() {}

  public static void main(String[] arguments) throws Exception {
    endWithParent();
    LogConfigurator.configureESLogging();
    Environment environment = environment(Path.of(arguments[0]), Path.of(arguments[1]));
    Node node = new Node(environment, plugins(environment));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    Thread.currentThread().join();
  }

  private static Environment environment(Path home, Path config) {
    Settings settings = Settings.builder().put("path.home", home).build();
    return InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "node-1");
  }

  private static PluginsLoader plugins(Environment environment) {
    return PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(environment.modulesDir()),
        PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
        Map.of(),
        false);
  }

  private static void endWithParent() {
    Thread watch = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {
          // Nothing is ever said; only the end of the stream counts.
        }
      } catch (IOException gone) {
        // The same as its end.
      }
      Runtime.getRuntime().halt(PARENT_IS_GONE);
    }, "watch-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (IOException problem) {
      problem.printStackTrace();
    }
  }
}
